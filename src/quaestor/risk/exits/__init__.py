"""Protective exits: each says how far from its anchor the stop belongs; the tightest one holds."""
