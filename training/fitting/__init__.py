"""Fit a model: weights, trees, tuning, the starting model."""
