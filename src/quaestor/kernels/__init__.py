"""Compiled building blocks shared by every stage: the one decorator, exact arithmetic, layouts, the ledger."""
