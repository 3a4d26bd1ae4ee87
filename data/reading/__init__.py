"""Reading: a clinic's files become checked canonical tables, and every error and warning is listed."""
