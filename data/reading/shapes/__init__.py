"""Shapes of tables: several files one below the other, joined by a key, or as parts; and one column a session."""
