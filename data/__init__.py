"""What a clinic hands in: tables, columns, instruments, readers and checks."""
