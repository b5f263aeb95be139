"""Market columns for the contract suites: those that users' features are checked on."""

from quaestor.features.trial import Columns, chunks, constant_columns, irregular_stamps, random_columns, run_in_chunks

__all__ = ["Columns", "chunks", "constant_columns", "irregular_stamps", "random_columns", "run_in_chunks"]
