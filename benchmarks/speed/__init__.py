"""The benchmark of speed: every aim as a ratio in one run, written to ``docs/speed.md``."""
