"""The verbs of the command line, by who uses them; each runs what a room beside this one does."""
