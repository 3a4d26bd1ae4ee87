"""What all commands share: the console, error handling, options."""
