"""Checks of a new event against the present state: a draft, or one error that lists every fault."""
