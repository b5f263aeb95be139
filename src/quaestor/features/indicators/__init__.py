"""Indicators: the built-in features, one family a folder, listed in `features.catalog`."""
