"""Benchmarks beside peers: ``python -m benchmarks`` prints one JSON object with what it measured, on what machine."""
