"""What a few functions are in compiled code; imported with Numba, when the first kernel is needed."""
