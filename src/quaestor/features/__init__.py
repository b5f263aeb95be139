"""Features: numbers derived from market data, declared once, bit-identical in batch and one row at a time."""
