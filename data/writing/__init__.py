"""Writing: atomic writes, tables and the canonical export. Each file is complete or absent."""
