"""Report the capacity that the roster lacks for the waiting clients."""
