"""Joins engine and adapters into runs: configuration, modes, supervision."""
