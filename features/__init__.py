"""A client and a therapist become the columns of a pair."""
