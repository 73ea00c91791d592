"""Pure rules and values of assistance: no database, no clock. Amounts in fen, months are first days."""
