"""Columns: the text of a column becomes canonical codes, sets, numbers or dates."""
