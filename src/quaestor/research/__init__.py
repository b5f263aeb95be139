"""What is learnt from runs: statistics and reports."""
