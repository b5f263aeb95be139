"""Operation of a machine: its self-diagnosis."""
