"""A client becomes a shortlist: rules first, score second, every therapist accounted for."""
