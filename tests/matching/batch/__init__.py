"""Tests of matching/batch."""
