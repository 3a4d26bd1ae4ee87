"""Speed and learning, measured as ratios in one run."""
