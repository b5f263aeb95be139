"""Regime filters: which named state the market is in, causally; `catalog` lists them."""
