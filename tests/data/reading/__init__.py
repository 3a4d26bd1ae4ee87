"""Tests of data/reading."""
