"""The stacker: learns from synthetic clinics how far the trees of a clinic can be trusted."""
