"""Commands that explain and report finished runs."""
