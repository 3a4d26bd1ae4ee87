"""Files that REDCap writes next to the records of a project: the data dictionary and the list of events."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from attune_fit.data.cell_parsing import normalize_code

HEAD_LETTERS = 4_000  # at the start of a file, in which its headers are
DICTIONARY_HEADERS = (  # of a download, and of the API
    frozenset({"variable / field name", "form name", "field type"}),
    frozenset({"field_name", "form_name", "field_type"}),
)
EVENT_HEADERS = (frozenset({"unique_event_name", "arm_num"}),)
SUFFIXES = (".csv", ".tsv", ".txt", ".json")


def list_redcap_dictionaries(folder: Path) -> list[Path]:
    """Return the data dictionaries of REDCap projects in a folder, by name; their headers show what they are."""
    return [path for path in _list_texts(folder) if _has_headers(path, DICTIONARY_HEADERS)]


def list_redcap_events(folder: Path) -> list[Path]:
    """Return the lists of events of REDCap projects in a folder, by name."""
    return [path for path in _list_texts(folder) if _has_headers(path, EVENT_HEADERS)]


def is_redcap_dictionary(path: Path) -> bool:
    """Return whether a text file has the headers of a data dictionary of REDCap."""
    return _has_headers(path, DICTIONARY_HEADERS)


def _list_texts(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file())
    except OSError:  # the folder is gone
        return []


def _has_headers(path: Path, choices: tuple[frozenset[str], ...]) -> bool:
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            head = file.read(HEAD_LETTERS)
    except OSError:  # reading the table gives the reason
        return False
    headers = _read_json_keys(head) if head.lstrip().startswith("[") else _read_first_row(head)
    return any(choice <= headers for choice in choices)


def _read_first_row(head: str) -> set[str]:
    separator = max(",;\t|", key=head.partition("\n")[0].count)
    try:
        return {normalize_code(cell) for cell in next(csv.reader(io.StringIO(head), delimiter=separator), [])}
    except csv.Error:  # a cell with more letters than the reader takes
        return set()


def _read_json_keys(head: str) -> set[str]:
    """Return the names in the first record of a JSON list; the head can end inside of a later one."""
    try:
        record, _ = json.JSONDecoder().raw_decode(head, head.index("{"))
    except ValueError:
        return set()
    return set(map(normalize_code, record)) if isinstance(record, dict) else set()
