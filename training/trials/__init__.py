"""Planned comparisons: randomised trials inside a clinic, and the value of a policy from its log."""
