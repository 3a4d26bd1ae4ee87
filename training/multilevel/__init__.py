"""Statistics of nested records, over arrays: tests with few therapists, mixed models, variance shares, surfaces."""
