"""Policies: from the ensemble's opinion to a target position."""
