"""Ensembles: several opinions made into one; `catalog` lists them."""
