"""Assembly of a run from its configuration."""
