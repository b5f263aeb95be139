"""From an approved target to orders."""
