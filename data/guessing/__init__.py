"""Guessing: files without ``clinic.toml`` get a first mapping, each line with a score and a reason."""
