"""The command that trains models."""
