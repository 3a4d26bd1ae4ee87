"""Kinds of files that hold a table, one row each: how Attune reads and writes them."""
