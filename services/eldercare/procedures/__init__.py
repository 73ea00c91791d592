"""One file per procedure type: pure verbs, and what `apply` writes (design 5)."""
