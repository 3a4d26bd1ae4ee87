"""Files written whole or not at all: atomic writes, tables, the canonical export."""
