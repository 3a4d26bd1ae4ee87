"""Explain a ranking: the terms of a score, a comparison of two therapists, and why a therapist is excluded."""
