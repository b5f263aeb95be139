"""Headlines: how they are scored, which instruments they speak of, and what was known of both at each bar."""
