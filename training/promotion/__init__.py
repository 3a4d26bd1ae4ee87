"""Decide which model is active, and record why."""
