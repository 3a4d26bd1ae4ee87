"""Simulated clinics with published statistics and known truth."""
