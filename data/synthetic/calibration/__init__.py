"""Simulated clinics beside what is published: statistics, their intervals, a page with pictures."""
