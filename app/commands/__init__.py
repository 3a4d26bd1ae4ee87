"""The commands of `attune`, one file each: its options, and what it runs."""
