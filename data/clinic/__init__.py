"""The clinic folder: settings, mapping, tables, instruments and waiting clients."""
