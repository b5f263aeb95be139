"""Features for a purpose: from more than a thousand candidates to a few that mattered where they were not fitted."""
