"""What every command shares in a terminal: console, errors, arguments."""
