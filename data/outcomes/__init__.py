"""Outcome records: early alliance scores, episodes, and when intake was answered."""
