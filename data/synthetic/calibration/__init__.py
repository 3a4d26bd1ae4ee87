"""Calibration: compare simulated clinics with published statistics, and write a page with pictures."""
