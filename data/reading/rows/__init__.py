"""Rows: files become rows of text under headers; which rows belong to a table, and which are odd or repeated."""
