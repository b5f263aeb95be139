"""Risk officer: seven layers of rules, each able to shrink or veto, none that can be bypassed; sizing and exits."""
