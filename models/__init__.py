"""A pair becomes its expected early alliance, the parts of that sum and their uncertainty."""
