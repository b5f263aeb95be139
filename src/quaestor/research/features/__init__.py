"""Research on single features: their values, their costs, and fitted parameters."""
