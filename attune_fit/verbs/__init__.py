"""The verbs of an open clinic: each is a method that returns the result of the command of the same name."""
