"""Measure of how much of a clinic.toml `attune init` writes, on two sets of ten made-up folders."""
