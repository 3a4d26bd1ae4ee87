"""Outcomes: early alliance of each episode, episodes, and the date of the intake answers."""
