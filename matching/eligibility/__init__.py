"""Rules that a therapist must pass before any score counts (blocking)."""
