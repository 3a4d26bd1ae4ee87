"""One file for each version of the journal's tables. A file is never changed once a release has it."""
