"""Records, splits and out-of-fold predictions."""
