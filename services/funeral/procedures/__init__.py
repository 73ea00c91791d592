"""One file per procedure type with code of its own: pure verbs (design 5)."""
