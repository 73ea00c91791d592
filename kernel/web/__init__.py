"""The HTTP face every process shares: problem answers, request gate, request identity, health."""
