"""Writing of files: whole or not at all."""
