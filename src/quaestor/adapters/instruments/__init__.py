"""Instrument rules: the shipped table, the user's own, and the grid assumed where neither knows a symbol."""
