"""Figures of runs: returns, risk, refusals and forecasts."""
