"""The brain: regimes, alphas, ensembles and policies, from features to a wanted position."""
