"""Lowering: compiled implementations of a few functions; imported with Numba, when the first kernel is needed."""
