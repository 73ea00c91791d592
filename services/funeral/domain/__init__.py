"""Pure rules and values of the funeral service: no database, no clock."""
