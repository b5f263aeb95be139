"""Research: features, their selection, training and experiments."""
