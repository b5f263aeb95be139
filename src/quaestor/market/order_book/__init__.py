"""Order books: kept from a feed of changes, and sampled into rows of the market matrix."""
