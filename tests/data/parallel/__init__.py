"""Tests of data/parallel."""
