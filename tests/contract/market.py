"""Market columns for the contract suites: those on which the feature check tests user-defined features."""

from quaestor.features.trial import Columns, chunks, constant_columns, irregular_stamps, random_columns, run_in_chunks

__all__ = ["Columns", "chunks", "constant_columns", "irregular_stamps", "random_columns", "run_in_chunks"]
