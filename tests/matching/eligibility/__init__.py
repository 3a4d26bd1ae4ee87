"""Tests of matching/eligibility."""
