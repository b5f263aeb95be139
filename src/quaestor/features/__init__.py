"""Features: numbers derived from market data, declared once, the same in batch and one row at a time."""
