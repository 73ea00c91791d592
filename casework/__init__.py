"""An owner's side, written once: orders in, verbs, effects, outcomes out (design 5).

Used by the four services and, on its own database, by the gateway as owner of `gateway.*`. The order inside every
transaction: inbox, person locks, case and procedure locks (all sorted), gather, verbs, effects, emit.
"""
