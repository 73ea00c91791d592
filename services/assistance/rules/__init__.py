"""Dated formulas of assistance, in integer fen."""
