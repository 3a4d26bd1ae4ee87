"""Simulated clinics with published statistics and a known ground truth."""
