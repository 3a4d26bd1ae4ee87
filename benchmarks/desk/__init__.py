"""What a coordinator waits for while twenty work at the same desk."""
