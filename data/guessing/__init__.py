"""Guessing: a folder of files without ``clinic.toml`` becomes a first mapping, with a score and a reason for each line."""
