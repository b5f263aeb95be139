"""Commands that run, stop and replay sessions."""
