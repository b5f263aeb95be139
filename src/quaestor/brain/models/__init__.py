"""Trained models in the decision path: flat tables, and the kernels that evaluate them."""
