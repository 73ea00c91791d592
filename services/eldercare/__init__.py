"""Elder care (养老服务): allowances, vouchers, meals, home orders, visits, beds and elder cards.

Owns: old-age allowances and elder subsidies, service vouchers, meal discounts, home service orders, visit plans and
visits, beds with their stays and waiting list, elder cards, ability assessments; each benefit's money as ledger lines;
the records of what was paid too much, and of what providers owe.

Takes the orders `eldercare.pause_services` (declared), `eldercare.stop_benefits`, `eldercare.overpayment` and
`eldercare.elder_card` (confirmed); any other type runs on the generic steps of its catalogue row.

Answers: pause `{suspended, last_sign_of_life}`; stop `{stopped: [{hold, kind, last_payable_month, overpaid_fen}]}`,
undone `{restored, arrears_fen, arrears, notes}`; overpayment, once a letter may go out, `{decision, overpaid_fen,
instalments, letter_from}`; card `{cancelled}`; `not_applicable` when the person holds nothing. Signals `sign_of_life`
when somebody meets the person after the reported death.

Publishes the fact `care`: what the person holds here and whether it runs or is stopped. A suspension rests on a
relative's word and is told to nobody.
"""
