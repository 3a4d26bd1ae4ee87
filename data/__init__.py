"""Data of a clinic: tables, columns, instruments, readers, checks and writers."""
