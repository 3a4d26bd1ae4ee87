"""Wishes: from a file or from columns of clients, checked against the roster."""
