"""Power before data: how often a test would find an effect, by simulation."""
