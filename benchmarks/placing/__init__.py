"""What placing a waiting list is worth where the truth is known, who waits how long over a year, and what it costs."""
