"""Brain: regimes, alphas, ensembles and policies, from features to a target position."""
