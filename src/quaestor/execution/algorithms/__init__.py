"""Execution algorithms: how an entry to an approved target is ordered, one algorithm a file."""
