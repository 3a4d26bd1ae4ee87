"""Ten made-up clinics: a module writes the folder, a TOML file has the mapping of a careful person."""
