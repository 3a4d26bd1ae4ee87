"""Tests of data/formats."""
