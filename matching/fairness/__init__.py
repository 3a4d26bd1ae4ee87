"""Audit fairness: compare lists and outcomes between groups, and measure exposure."""
