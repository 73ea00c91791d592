"""Synthetic people: invented households that no real person can be mistaken for, the same for the same seed."""
