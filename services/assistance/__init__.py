"""Social assistance (社会救助).

Owns: households and their members, holdings (dibao, tekun, edge, rigid, temporary, disability subsidies, orphans and
unattended children), their monthly payments, applications, and the money booked about them.
Takes: orders for `assistance.hold_payments`, `stop_benefits`, `household_recheck`, `change_payee`, `dependant_alert`,
`estate_manager`; every other `assistance.*` row runs on the generic steps of its terms.
Answers: outcomes on `outcomes`. Publishes: the fact `benefits` of each person, whenever it changes.
"""
