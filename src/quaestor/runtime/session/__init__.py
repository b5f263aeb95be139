"""Sessions: the loop of each mode around one engine."""
