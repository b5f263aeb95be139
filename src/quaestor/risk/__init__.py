"""The risk officer: seven layers, each able to shrink or veto, none that can be bypassed."""
