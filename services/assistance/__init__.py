"""Social assistance (社会救助).

Owns: households and their members, holdings (dibao, tekun, edge, rigid, temporary, disability subsidies, orphans and
unattended children), their monthly payments and payment files, applications, records of what was paid after a death,
and the money booked about them.
Takes: orders for `assistance.hold_payments`, `stop_benefits`, `household_recheck`, `change_payee`, `overpayment`,
`dependant_alert`; `estate_manager`, `tekun_funeral` and every other `assistance.*` row run on the steps of their terms.
Answers: outcomes on `outcomes`. Publishes: the fact `benefits` of each person, whenever it changes.
"""
