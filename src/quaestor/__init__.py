"""Quaestor: an AI proposes, a risk officer with an absolute veto disposes, everything is journaled and replayable."""

__version__ = "0.1.0"
