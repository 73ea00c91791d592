"""One file per procedure type that has code of its own."""
