"""Benchmarks beside peers; each prints what it measured, on what, and writes JSON."""
