"""Tests of training/crossfit."""
