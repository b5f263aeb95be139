"""Journal of a run: its header, its recorders, and the fingerprint of the environment."""
