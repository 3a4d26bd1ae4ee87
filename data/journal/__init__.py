"""The journal: what happened after the export, as append-only events in a database, and the tables with it applied."""
