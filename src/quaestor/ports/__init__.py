"""Seams between the core and the outside, one a file. Adapters implement them; the runtime joins them."""
