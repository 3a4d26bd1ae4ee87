"""Tests of matching/fairness."""
