"""Words of the pages: codes, wishes, checks and answers as a coordinator reads them."""
