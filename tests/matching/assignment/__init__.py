"""Tests of matching/assignment."""
