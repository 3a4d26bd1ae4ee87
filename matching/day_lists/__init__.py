"""The lists of a coordinator's day: who waits, what is due, the roster, who fits a therapist, and who leaves."""
