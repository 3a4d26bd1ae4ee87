"""Show a result: in a terminal or as a page."""
