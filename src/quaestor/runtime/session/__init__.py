"""Sessions: one engine in each mode, its weights, its recorder and its venue."""
