"""Experiment: models trained, tested walk forward and on a hold-out, compared with simpler strategies, and reported."""
