"""Tests of training/promotion."""
