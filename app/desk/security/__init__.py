"""Who may see and do what: accounts in use, roles, requests from other sites, headers, and the audit of views."""
