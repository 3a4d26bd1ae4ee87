"""Reading of columns with one code each, such as weekly slots or checkboxes: the marks in a row become one set."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from attune_fit.data.cell_parsing import SET_SEPARATOR, map_distinct, normalize_code
from attune_fit.data.missing_words import is_missing_word
from attune_fit.data.reading.columns.source_file import CellCounts
from attune_fit.data.reading.rows.header_match import match_headers, suggest_header
from attune_fit.data.yes_no_marks import NO, SLOT_MARKS, YES, list_marks, parse_mark

if TYPE_CHECKING:
    from attune_fit.data.clinic.mapping_config import ColumnMapping
    from attune_fit.data.reading.columns.source_file import SourceFile

_MISSING_WORD, _UNREADABLE = "missing word", "unreadable"  # what a mark can mean besides yes and no


def read_slots(source: SourceFile, key: str, name: str, mapping: ColumnMapping) -> pd.Series | None:
    """Return the slots with a yes in each row as one set; missing where a row has none.

    Parameters
    ----------
    source : SourceFile
        The file. Errors and warnings go to its collector.
    key : str
        Place of the mapping in ``clinic.toml``.
    name : str
        The canonical column; empty for a column of the clinic's own.
    mapping : ColumnMapping
        With the patterns of headers in ``slots``.

    Returns
    -------
    Series or None
        Names of slots as the pattern gives them, before ``codes``. None where no header matches.

    Notes
    -----
    A mark that is the name or the header of its own slot is a yes. Any mark that is neither a yes nor a no cannot be
    read: the slot is not possible, and the row is reported.
    """
    headers = find_slot_headers(source, key, mapping)
    if not headers:
        return None
    cells = {slot: source.read_cells(header, mapping) for slot, header in headers.items()}
    parsed = [_parse_marks(column, slot, headers[slot], mapping) for slot, column in cells.items()]
    meanings, rows = np.column_stack(parsed), source.raw.index
    sets = [
        SET_SEPARATOR.join(slot for slot, yes in zip(headers, row, strict=True) if yes) or None
        for row in (meanings == YES).tolist()
    ]
    slots = pd.Series(sets, index=rows, dtype="str")
    column = source.find_column(name)
    if column is not None and column.is_limit:  # a word is not taken for the absence of a limit
        meanings[meanings == _MISSING_WORD] = _UNREADABLE
    unreadable = pd.Series((meanings == _UNREADABLE).any(axis=1), index=rows)
    known = unreadable | ((meanings == YES) | (meanings == NO)).any(axis=1)
    source.collector.report_bad_cells(
        "mark-not-readable", mapping.header, slots, unreadable, "marks that mean neither yes nor no",
        'add your words: `marks = { Sure = "yes", Never = "no" }`.', known.where(known), name=name,
        restricts=slots.isna() | source.needs_every_code(name),
        treatment="Attune takes them for a no.",
    )  # fmt: skip
    words = rows[(meanings == _MISSING_WORD).any(axis=1) & ~unreadable.to_numpy(bool)]
    fix = "Attune takes them for an empty cell. List them under `missing` or `marks`."
    message = "marks that look like a missing cell"
    source.collector.add_warning_for_rows("missing-word-as-mark", mapping.header, message, fix, words)
    return slots


def count_slot_marks(source: SourceFile, name: str, mapping: ColumnMapping) -> dict[str, CellCounts]:
    """Return what became of the marks under each header of a column of slots, by header; no fault is added."""
    column = source.find_column(name)
    is_limit = column is not None and column.is_limit
    counts: dict[str, CellCounts] = {}
    for pattern in mapping.slots or []:
        for slot, header in match_headers(source.raw, pattern).items():
            meanings = _parse_marks(source.read_cells(header, mapping), slot, header, mapping)
            n_words, n_unread = int((meanings == _MISSING_WORD).sum()), int((meanings == _UNREADABLE).sum())
            n_read = int(((meanings == YES) | (meanings == NO)).sum())
            n_codes = int(source.raw[header].notna().sum()) - n_read - n_unread - n_words
            unread, unknown = (n_unread + n_words, n_codes) if is_limit else (n_unread, n_words + n_codes)
            counts[header] = CellCounts.of_rows(len(meanings), n_read, unread, unknown)
    return counts


def find_slot_headers(source: SourceFile, key: str, mapping: ColumnMapping) -> dict[str, str]:
    """Return the header of each slot, by the name of the slot."""
    headers: dict[str, str] = {}
    for pattern in mapping.slots or []:
        matches = match_headers(source.raw, pattern)
        if not matches:
            guess = suggest_header(pattern, source.raw, source.table, source.mapping)
            fix = f"Correct `{key}` in clinic.toml. {guess}"
            source.collector.add_error("pattern-without-header", pattern, "no header matches this pattern", fix)
        for slot, header in matches.items():
            if headers.setdefault(slot, header) != header:
                message = f"two headers give the slot `{slot}`: `{headers[slot]}` and `{header}`"
                fix = f"Name each slot once: correct `{key}` in clinic.toml, or rename a header."
                source.collector.add_error("slot-named-twice", header, message, fix)
    return headers


def _parse_marks(cells: pd.Series, slot: str, header: str, mapping: ColumnMapping) -> npt.NDArray[np.object_]:
    """Return what each mark of one slot means, shape (rows,); None where the cell is empty."""
    own = {normalize_code(name): YES for name in (slot, header, *mapping.codes.get(slot, []))}
    marks = {**own, **list_marks(mapping.marks, SLOT_MARKS), **mapping.marks}  # in the slot named 0, a 0 is still a no
    return map_distinct(cells, partial(_parse_slot_mark, marks=marks), "object").to_numpy()


def _parse_slot_mark(text: str, marks: dict[str, str]) -> str:
    meaning = parse_mark(text, marks)
    if meaning is None:
        return _MISSING_WORD if is_missing_word(text) else _UNREADABLE
    return meaning
