"""What the pages show: the records of the front door as a template takes them."""
