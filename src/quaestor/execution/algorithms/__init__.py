"""Execution algorithms: how the entry of an approved target is worked, one a file."""
