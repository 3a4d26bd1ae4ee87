"""Tests of matching/ranking."""
