"""One file for each version of the tables of accounts. A file is never changed once a release has it."""
