"""Search for a clinic's headers in its file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from attune_fit.data.cell_parsing import normalize_code
from attune_fit.data.clinic.columns import COLUMNS, TABLES, list_columns
from attune_fit.data.clinic.session_headers import SESSION
from attune_fit.data.fault_collector import suggest_name
from attune_fit.data.formats.typed_cells import is_value
from attune_fit.data.missing_words import is_missing_word

if TYPE_CHECKING:
    import pandas as pd

    from attune_fit.data.clinic.mapping_config import ColumnMapping, TableMapping
    from attune_fit.data.fault_collector import FaultCollector

SEARCHED_CELLS = 200  # of each column, to see whether it holds values
MIN_LETTERS = 2  # of a pattern such as `avail *`; `*` alone matches any cell
_PART_OF_CELL = re.compile(r"@|\d{4}")  # of an address or a long number
MIN_KNOWN = 2  # headers that Attune knows, in a row of headers without ids
PLACEHOLDER = re.compile(r"\(column \d+\)")


def find_header(raw: pd.DataFrame, header: str) -> str | None:
    """Return the header as the file spells it, compared without case and extra spaces; None if there is none.

    An exact match comes first.

    >>> import pandas as pd
    >>> find_header(pd.DataFrame(columns=["Client ID"]), "client  id")
    'Client ID'
    """
    if header in raw.columns:
        return header
    return next((str(other) for other in raw.columns if normalize_code(str(other)) == normalize_code(header)), None)


def require_header(
    raw: pd.DataFrame, header: str, key: str, collector: FaultCollector, mapping: TableMapping
) -> str | None:
    """Return :func:`find_header`; if there is none, add an error that names the ``key`` of ``clinic.toml``."""
    match = find_header(raw, header)
    if match is None:
        guess = suggest_header(header, raw, collector.table, mapping)
        fix = f"Correct `{key}` in clinic.toml. {guess}"
        collector.add_error("header-not-found", header, "the file has no such header", fix)
    return match


def list_headers(raw: pd.DataFrame) -> list[str]:
    """Return the headers of the file."""
    return [str(header) for header in raw.columns]


def match_headers(raw: pd.DataFrame, pattern: str) -> dict[str, str]:
    """Return the headers that match ``pattern``, by the text that its ``*`` matches (any text).

    >>> import pandas as pd
    >>> match_headers(pd.DataFrame(columns=["avail mon-am", "Avail  mon-pm", "State"]), "avail *")
    {'mon-am': 'avail mon-am', 'mon-pm': 'Avail  mon-pm'}
    """
    before, star, after = (normalize_code(part) for part in pattern.partition("*"))
    form = re.compile(rf"{re.escape(before)}\s*(.+?)\s*{re.escape(after)}" if star else re.escape(before))
    matches = ((form.fullmatch(normalize_code(header)), header) for header in list_headers(raw))
    return {(match[1] if star else before): header for match, header in matches if match}


def match_column_headers(raw: pd.DataFrame, column: ColumnMapping) -> dict[str, str]:
    """Return the headers that the patterns of a column match, as :func:`match_headers`; items have a number."""
    matches = {text: header for one in column.patterns for text, header in match_headers(raw, one).items()}
    if isinstance(column.items, str):
        return {number: header for number, header in matches.items() if number.isdecimal()}
    return matches


def list_column_headers(raw: pd.DataFrame, mapping: TableMapping, name: str) -> list[str]:
    """Return the headers of the file from which a column is read: several where patterns name them.

    A column that a second file holds has none.
    """
    column = mapping.columns.get(name)
    if column is not None and column.file is not None:
        return []
    if column is not None and column.patterns:
        return list(match_column_headers(raw, column).values())
    header = find_header(raw, mapping.get_header(name))
    return [] if header is None else [header]


def suggest_header(word: str, raw: pd.DataFrame, table: str, mapping: TableMapping) -> str:
    """Return the header of the file closest to ``word`` as a question, then all headers; for a message.

    The first row of a file can be data, and a message never holds a cell. So headers are named only where
    :func:`has_trusted_headers`; elsewhere they are counted.
    """
    if has_trusted_headers(raw, table, mapping):
        return suggest_name(word, list_headers(raw))
    n_cells = len(raw.columns)
    if mapping.header_row:
        return (
            f"The rows in `header_row` do not look like headers ({n_cells} cells), so Attune does not name them. "
            "Correct `header_row`, or map the header of the ids first."
        )
    return (
        f"The first row does not look like headers ({n_cells} cells), so Attune does not name them. "
        "Add a row of headers on top, or name theirs: `header_row`."
    )


def has_trusted_headers(raw: pd.DataFrame, table: str, mapping: TableMapping) -> bool:
    """Return whether the headers of a file are headers, not the first row of its data.

    They are if Attune knows two of them, or one with ids or of several words: a cell of data can be a word such as
    `religion`. One known word is enough above values, and in another file, where only clinic.toml names headers.
    Of several header rows joined, one with ids is needed, because a row of data can have empty cells. Where none is
    known, headers are headers if none looks like a value, and a column under a word holds values only. A value is a
    number, a date, a telephone number or an address.

    Parameters
    ----------
    raw : DataFrame
        Text cells under the headers.
    table : str
        The canonical table, or the name of another file.
    mapping : TableMapping
        How to read the file.
    """
    headers = [normalize_code(header) for header in list_headers(raw)]
    if mapping.source is not None and table in TABLES:
        return True  # the preset knows where the headers are
    if any(map(PLACEHOLDER.fullmatch, headers)):
        return False
    is_joined = len(mapping.header_row) > 1
    if _match_patterns(raw, list_id_headers(table, mapping)):
        return True
    found = set[str]() if is_joined else _match_patterns(raw, list_known_headers(table, mapping))
    if len(found) >= (MIN_KNOWN if table in TABLES else 1) or any(
        re.search(r"[^\W_][\W_]+[^\W_]", header) for header in found
    ):
        return True
    if any(is_value(words) for header in headers for words in (_list_endings(header) if is_joined else [header])):
        return False
    known = set(map(normalize_code, found))
    is_doubtful = bool(found) or not {column.name for column in COLUMNS}.isdisjoint(headers)  # words of any table
    columns = (raw.iloc[:SEARCHED_CELLS, position].dropna() for position in range(len(headers)))
    return any(
        header and not is_missing_word(header) and len(cells) and all(map(is_value, cells))
        for header, cells in zip(headers, columns, strict=True)
        if not is_doubtful or header in known
    )


def _match_patterns(raw: pd.DataFrame, patterns: Iterable[str]) -> set[str]:
    """Return the headers of the file that match any of the patterns."""
    long = [pattern for pattern in patterns if len(pattern.replace("*", "").strip()) >= MIN_LETTERS]
    return {header for pattern in long for header in match_headers(raw, pattern).values()}


def list_placeholders(number: int) -> list[str]:
    """Return names for columns whose headers cannot be trusted: a message can name them, and they are no cells.

    >>> list_placeholders(2)
    ['(column 1)', '(column 2)']
    """
    return [f"(column {position})" for position in range(1, number + 1)]


def _list_endings(header: str) -> list[str]:
    """Return each ending of a joined header that begins with a word: the last row can be one of data."""
    words = header.split()
    return [" ".join(words[start:]) for start in range(len(words))]


def list_id_headers(table: str, mapping: TableMapping) -> list[str]:
    """Return the headers of the ids in a file."""
    ids = [column.name for column in list_columns(table).values() if column.kind == "id"] if table in TABLES else []
    keys = [column.key for column in mapping.columns.values() if column.key] if table not in TABLES else []
    keys += [join.key for join in mapping.join] if table not in TABLES else []
    return [*(mapping.get_header(name) for name in ids), *keys]


def list_known_headers(table: str, mapping: TableMapping) -> list[str]:
    """Return the headers, and patterns of headers, that Attune looks for in a file."""
    columns: Iterable[str] = list_columns(table) if table in TABLES else ("client_id", "therapist_id")
    mapped = [column for column in mapping.columns.values() if column.file is None or table not in TABLES]
    headers = [header for column in mapped for header in column.patterns or [column.key or "", column.header]]
    headers += [join.key for join in mapping.join] if table not in TABLES else []
    items = getattr(mapping, "items", None)
    headers += [items.replace("{}", "*")] if items else []
    return [*columns, *(header.replace(SESSION, "*") for header in headers if header)]
