"""Numeric kernels: exact integer ratios, elementary functions, averages, rolling windows and scaling."""
