"""Regime filters: name the state of the market bar by bar, causally; listed in `catalog`."""
