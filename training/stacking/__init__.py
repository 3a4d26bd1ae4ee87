"""Training material of the stacker: synthetic clinics with a known truth, cheap and diverse."""
