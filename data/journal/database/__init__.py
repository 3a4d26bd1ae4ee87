"""The database of the journal: tables, transactions, chain, upgrades and backups."""
