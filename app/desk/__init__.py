"""The desk: the coordinator's pages. Each page is a call of the front door and a template."""
