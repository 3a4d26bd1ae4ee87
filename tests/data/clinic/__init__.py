"""Tests of data/clinic."""
