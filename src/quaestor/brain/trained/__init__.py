"""Trained model: trained and online models, calibrated, pooled, compared with costs, and monitored for drift."""
