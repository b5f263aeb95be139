"""Policies turn the ensemble's opinion into a wanted position."""
