"""Marriage registration (婚姻登记).

Owns: registered couples and each person's marital state. Takes: orders for `marriage.widowed`; every other
`marriage.*` row runs on the generic steps of its terms. Answers: outcomes on `outcomes`. Publishes: the fact
`marital` of each person, whenever it changes.
"""
