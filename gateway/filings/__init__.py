"""Filing with the county (备案) of what townships decide by a delegated power, and its check afterwards (R01, X6)."""
