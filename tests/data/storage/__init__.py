"""Tests of data/writing."""
