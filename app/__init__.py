"""Shows Attune to people: the command line and what it prints."""
