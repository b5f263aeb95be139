"""Ports: interfaces between the core and the outside, one a file; adapters implement them, the runtime joins them."""
