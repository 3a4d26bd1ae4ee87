"""Measure of how much of a clinic.toml `attune init` writes, on ten made-up folders."""
