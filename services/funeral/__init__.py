"""Funeral (殡葬服务): homes and what they do for the dead: from the collection of a body to a memorial.

Owns: bodies with their tags, slots of cremators and halls, what was cremated when and by which two operators, price
lists, certificates, places where ashes rest, settlements of free items, awards for eco-burials, memorials; and its own
copy of every hold, handed over by the gateway in the same request that the department made.

Takes the orders of `funeral.*`; every row has verbs of its own. `funeral.cremation` starts only with positive
clearance (`domain.clearance`): proof, holds, tag, slot and farewell as this database has them.

Answers, among others: transport `{home, body_tag, kept_days, held_days, keeping_fen}`; farewell `{hall, starts_at,
ends_at}`; cremation `{slot, home, body_tag, starts_at, started_at, cremated_at}`; certificate `{certificate_no,
version}`; free items `{items: [{item, waived_fen, to_pay_fen}], waived_fen}`; ashes `{kind, eco_kind, place}`; award
`{kind, amount_fen, paid}`. Paused with reason `hold` while one stands.

Publishes no facts: what happened to the remains is nobody else's to keep. Reads `benefits` of assistance.
"""
