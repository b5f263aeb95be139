"""Dated series beside bars."""
