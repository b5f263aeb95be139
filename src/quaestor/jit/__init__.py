"""Compiled kernels: the one decorator, its cache, and code generated from sets that are chosen at run time."""
