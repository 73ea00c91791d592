"""Reads of the funeral service, each one statement for a batch."""
