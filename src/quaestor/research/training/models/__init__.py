"""Learners: models that libraries fit and kernels evaluate, each fitted in one thread and exported to flat tables."""
