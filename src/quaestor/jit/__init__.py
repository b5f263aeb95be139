"""Compiled kernels: their decorators, their cache, and code generated for sets of kernels chosen at run time."""
