"""One module for each page: its addresses, one call of the front door for each, and its template."""
