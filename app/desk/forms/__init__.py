"""Forms: what was posted, which input each column gets, errors with their places, and two edits of one row."""
