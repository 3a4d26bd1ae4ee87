"""Accounts of the desk: who can sign in, sessions, attempts, one-time links, and which pages were opened."""
