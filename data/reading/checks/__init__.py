"""Checks: ranges, dates, ids and codes, in a table and between tables."""
