"""Limits of what Attune reads, so that a file that is too large gives one error before memory or minutes are gone."""

from __future__ import annotations

MAX_TOML_BYTES = 1_000_000  # of clinic.toml and of a world file; the sample's has 100
MAX_TOML_DEPTH = 32  # of brackets, and of names joined by dots; Attune's own keys are 5 deep
MAX_TEXT_LETTERS = 10_000  # of one text in clinic.toml
MAX_PATH_LETTERS = 255  # of each part of the path of a file, as file systems allow
MAX_CONFIG_FAULTS = 50  # of clinic.toml in one list; more than that are one mistake
MAX_NAME_LETTERS = 200  # of a key or a name in a message

MAX_FILE_BYTES = (
    500_000_000  # of a table on disk, and of a workbook or a Parquet file unpacked; 1 million clients: 200 MB
)
MAX_CELLS = 100_000_000  # of a text file or a Parquet file; 1 million clients with 40 columns: 40 million
MAX_SHEET_CELLS = 8_000_000  # of the rectangle that holds a sheet's cells; each is an object in memory
MAX_ROWS = 5_000_000  # of a text file or a Parquet file
MAX_COLUMNS = 5_000  # each takes a few milliseconds
MAX_CELL_LETTERS = 100_000  # a workbook allows 32,767; Python's own reader of CSV stops at 131,072

MAX_DAYS = 100_000  # of a setting, about 270 years: a date stays a date
MAX_ENTRIES = 1_000  # of rules, features or instruments in clinic.toml
MAX_COUNT = 1_000_000  # of a setting that counts people, openings or sessions
MAX_WEIGHT = 1e6  # of a setting that multiplies: sums of such numbers stay exact
MAX_SIZE = 1e12  # of a factor, a typical value or a spread of a column
MAX_SEED = 2**63 - 1  # as NumPy and JSON readers keep whole numbers
