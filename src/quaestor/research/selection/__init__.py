"""Feature selection: from more than a thousand candidates to a few, by importance on rows they were not fitted to."""
