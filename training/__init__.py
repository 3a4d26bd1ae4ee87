"""Outcomes become a model that is measured, tracked and promoted."""
