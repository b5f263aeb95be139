"""Forecasts judged by their outcomes: labels, samples, scores and skill."""
