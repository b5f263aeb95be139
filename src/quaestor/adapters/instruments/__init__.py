"""Instrument rules: the shipped table, the user's table, and the grid assumed for symbols in neither."""
