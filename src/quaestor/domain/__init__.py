"""Domain values: the frozen types of the system and functions on them, without input or output."""
