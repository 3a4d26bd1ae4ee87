"""Check early alliance after the first sessions, and rank again where it is weak."""
