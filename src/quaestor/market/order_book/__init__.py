"""Order books kept from a feed of changes, and rows of the market matrix made from them."""
