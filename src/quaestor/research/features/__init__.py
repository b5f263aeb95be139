"""Research on single features: their values, their costs, and parameters that are fitted."""
