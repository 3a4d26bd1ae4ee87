"""Match clients with therapists: blocking rules first, then scores, so that each therapist is ranked or explained."""
