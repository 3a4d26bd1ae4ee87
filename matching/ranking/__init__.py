"""Rank the candidates of a client: score, near ties, reasons."""
