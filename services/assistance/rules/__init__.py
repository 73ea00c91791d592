"""Dated formulas of assistance, in integer fen over arrays (design 8).

`force.py` keeps which rule is in force when; each rule says its legal basis and is known by the hash of its own source.
Boundary cases stand beside the rules as YAML and are run by `tests/assistance/test_rules.py`.
"""
