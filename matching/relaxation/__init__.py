"""The smallest changes that add candidates for a client."""
