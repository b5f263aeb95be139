"""Ensembles: several opinions combined into one, listed in `catalog`."""
