"""Places where orders go."""
