"""The security of the desk: who is signed in, which page a role can open, and which requests are answered at all."""
