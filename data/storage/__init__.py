"""Files: what is one, and how it is written whole or not at all."""
