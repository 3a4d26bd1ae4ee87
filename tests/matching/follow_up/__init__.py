"""Tests of matching/follow_up."""
