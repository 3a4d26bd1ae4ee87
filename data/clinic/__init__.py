"""The clinic folder as one object: its settings, its mapping, its tables, its instruments."""
