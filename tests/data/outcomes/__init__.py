"""Tests of data/outcomes."""
