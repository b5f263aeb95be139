"""Exits: stops at a distance from an anchor, of which the tightest holds, and market exits on a condition."""
