"""Benchmarks of assignment: true gain, waiting times over a year, and computing time."""
