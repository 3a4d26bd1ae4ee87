"""Compare lists and outcomes between groups."""
