"""What is kept between runs: bars in partitioned Parquet, small facts in SQLite."""
