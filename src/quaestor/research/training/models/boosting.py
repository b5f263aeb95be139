"""Boosting parameters: what both libraries of boosted trees share, under one name each."""

from quaestor.domain.parameter import Integer, Real

ROUNDS = Integer("rounds", 100, 1, 2_000, "trees, each fitted to what the ones before it left")
RATE = Real("rate", 0.02, 0.0001, 1.0, "share of each tree's prediction that is added")
DEPTH = Integer("depth", 3, 1, 12, "splits from a root to a leaf, at most")
LEAF_SHARE = Real("leaf_share", 0.05, 0.0, 0.5, "of the samples that a leaf holds at least; never fewer than 5 samples")
SAMPLE_SHARE = Real("sample_share", 0.6, 0.01, 1.0, "of the samples, drawn for each tree without replacement")
FEATURE_SHARE = Real("feature_share", 0.5, 0.01, 1.0, "of the features, drawn for each tree")
PENALTY = Real("penalty", 20.0, 0.0, 1e6, "of half the squared leaves")
