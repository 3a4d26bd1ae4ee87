"""Presets: what the exports of a program look like, so that ``clinic.toml`` need not describe them."""
