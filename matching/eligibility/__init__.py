"""Blocking rules: a therapist must pass all of them before any score counts."""
