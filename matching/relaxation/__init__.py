"""Find the smallest changes that add candidates for a client."""
