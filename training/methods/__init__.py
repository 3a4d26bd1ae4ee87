"""The models: those that a clinic can train and rank with, and simpler methods to compare them with."""
