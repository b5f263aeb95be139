"""Fill rules of the simulated venue. Where a bar leaves a question open, the answer is the one that costs us more."""
