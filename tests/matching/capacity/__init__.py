"""Tests of matching/capacity."""
