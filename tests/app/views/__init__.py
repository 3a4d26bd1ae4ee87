"""Tests of app/views."""
