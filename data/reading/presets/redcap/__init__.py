"""Exports of REDCap: records, data dictionary and events become one table."""
