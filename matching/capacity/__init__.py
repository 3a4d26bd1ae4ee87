"""What capacity the roster lacks for the clients who wait."""
