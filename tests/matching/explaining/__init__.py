"""Tests of matching/explaining."""
