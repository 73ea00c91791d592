"""Writes of the funeral service: set-based, each kind of effect in one statement."""
