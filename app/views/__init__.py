"""Views: print a result in a terminal, or format it as a page."""
