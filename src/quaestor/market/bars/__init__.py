"""Series of bars: their length, and longer bars built from them."""
