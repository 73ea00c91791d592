"""Calendar, clock, identifiers, sealing, access, ledger, audit: the tools of any public authority."""
