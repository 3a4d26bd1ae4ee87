"""Ratings: instruments, scores from raw items, and forms entered twice."""
