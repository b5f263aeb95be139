"""Alphas: opinions about direction, one strategy a file, listed in `catalog`."""
