"""Assembly: everything a run needs, made from its configuration."""
