"""The only place that sends messages to people (design 9). Kept sealed; shown to nobody but the demo and auditors.

    case_changes ──derive.py──▶ notices ──daily.py──▶ messages ──dispatch.py──▶ sender
     (cursor)      what to tell  a matter   at 10:00    one a contact and day       SMS gateway, or the kept row

Nothing here runs in a mover's transaction: a loop reads the feed of committed changes after its own cursor. What is
told follows from a case's present state and from what was told last, so that a change read twice tells nothing twice.
"""
