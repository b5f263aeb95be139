"""Stores: bars in partitioned Parquet, small facts in SQLite, checkpoints of state."""
