"""Forecasts and their outcomes: labels, samples, scores and skill."""
