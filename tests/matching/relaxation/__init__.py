"""Tests of matching/relaxation."""
