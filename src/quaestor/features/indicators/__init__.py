"""The indicators, one family per file; `features.catalog` lists them."""
