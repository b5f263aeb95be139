"""Figures of runs: what a run earned, risked, refused and foretold."""
