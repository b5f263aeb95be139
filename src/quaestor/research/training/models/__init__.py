"""Models that libraries fit and kernels evaluate: each is fitted in one thread and exported to flat tables."""
