"""Allocators: methods of dividing an account between its instruments; `catalog` lists them."""
