"""Benchmarks: speed as ratios within one run, and the quality of rankings where the truth is known."""
