"""Marriage registration (婚姻登记).

Owns: registered couples and each person's marital state. Takes: orders for `marriage.widowed`; every other
`marriage.*` row runs on the generic steps of its terms. Answers: outcomes on `outcomes`. Publishes: the fact
`marital` of each person, whenever it changes.

What no rule decides goes to the registrar: the return of somebody whose spouse has married again after an error of ours
(`decide_marriage`), a corrected day of death that lies after the spouse's next marriage (`review_later_marriage`).
"""
