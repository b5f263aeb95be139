"""Alphas: opinions about direction, one strategy a file; `catalog` lists them."""
