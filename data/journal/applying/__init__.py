"""Application of the events to the tables of an export, and the settlement of differences."""
