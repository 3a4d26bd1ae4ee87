"""Measure a model: metrics, comparisons, permutation tests, power."""
