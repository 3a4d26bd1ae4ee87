"""Tests of the lists of a coordinator's day."""
