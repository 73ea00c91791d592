"""Funeral (殡葬服务): funeral homes, cremators and their slots, bookings, cremation records, and holds.

Owns: which slot of which cremator is whose, what was cremated when and by which two operators, and its own copy of
every hold, handed over by the gateway in the same request that the department made.

Takes the orders of `funeral.*`. `funeral.cremation` has its own verbs: a slot is booked, two operators check the
identity, the start is the point of no return; it never starts while a hold named by its catalogue row stands.
`funeral.transport`, `funeral.farewell` and `funeral.ashes` run on generic steps that honour holds; certificate, free
items, award and memorial on the generic steps alone.

Answers: cremation `{slot, home, starts_at, started_at, cremated_at}`; paused with reason `hold` while one stands.

Publishes no facts: what happened to the remains is nobody else's to keep.
"""
