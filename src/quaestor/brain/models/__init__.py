"""Trained models as the decision path sees them: flat tables and the kernels that evaluate them."""
