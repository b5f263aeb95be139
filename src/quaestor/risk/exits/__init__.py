"""Exits: stops say how far from their anchor they belong, the tightest holds; market exits say when to close."""
