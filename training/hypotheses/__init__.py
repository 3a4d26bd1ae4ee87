"""The hypothesis lab: a claim about fit as a file, registered before its test, and tested by defaults that hold."""
