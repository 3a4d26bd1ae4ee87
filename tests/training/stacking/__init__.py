"""Tests of training/stacking."""
