"""Words of clinics: how they call tables, columns and codes, in five languages; a new word is one more in its row."""
