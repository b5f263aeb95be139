"""What a learned mind said at one decision, read back from the journal: votes, contributions, and reasons in words."""
