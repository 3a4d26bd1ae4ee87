"""Published hypotheses, one TOML file each, with the source of the claim and of its smallest effect."""
