"""Questions to the risk officer: limits, how much of each is used, and verdicts about orders."""
