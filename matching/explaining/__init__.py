"""Explain a ranking: the parts of a score, a comparison of two therapists, why not."""
