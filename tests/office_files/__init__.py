"""Tables as offices, survey tools and spreadsheet programs write them, from the file to the list of therapists."""
