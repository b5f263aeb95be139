"""Opinions of trained models over a run."""
