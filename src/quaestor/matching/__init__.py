"""Matching of the simulated venue: fill rules on bars, the costlier one where a bar does not determine the outcome."""
