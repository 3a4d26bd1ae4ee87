"""Rank the eligible therapists of one client: score, near ties, reasons."""
