"""Assign the waiting list to open slots."""
