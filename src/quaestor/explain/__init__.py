"""Explanations of single decisions, from a journal and the models behind it."""
