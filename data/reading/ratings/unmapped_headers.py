"""Headers of ratings that no mapping uses, though their columns give the rater or the session."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

from attune_fit.data.cell_parsing import normalize_code
from attune_fit.data.clinic.columns import list_columns

if TYPE_CHECKING:
    from attune_fit.data.clinic.mapping_config import OutcomesMapping
    from attune_fit.data.reading.columns.source_file import SourceFile
    from attune_fit.data.reading.columns.table_reader import MappedTable

CLIENT_WORDS = frozenset(
    [
        *("client", "clients", "patient", "patients", "self", "self report", "self rated", "service user"),
        *("participant", "consumer", "klient", "klientin", "patientin"),
    ]
)
OTHER_RATER_WORDS = frozenset(  # who else fills in an alliance form
    [
        *("therapist", "therapists", "clinician", "clinicians", "counselor", "counsellor", "provider"),
        *("practitioner", "psychologist", "psychotherapist", "therapeut", "therapeutin", "staff"),
        *("observer", "observers", "independent observer", "independent rater", "rater", "supervisor", "beobachter"),
        *("parent", "caregiver", "guardian", "mother", "father", "partner"),
    ]
)
_RATER_HEADER = re.compile(r"\b(rater|rated by|respondent|informant|completed by|filled in by|reporter|perspective)\b")
_SESSION_HEADER = re.compile(
    r"(session|sitzung|visit)(no|nr|num|number)?\b"
    r"(?!.*\b(date|type|length|minutes|duration|format|id|rating|score|scale|fee|time|room|total|hours?|year)\b)"
)
_WORD_MARKS = re.compile(r"[\s_./#-]+")


def check_unmapped_headers(source: SourceFile, mapped: MappedTable, mapping: OutcomesMapping) -> None:
    """Add faults about columns of outcomes that are likely `rater` or `session` under another name.

    Without a rater every rating counts as the client's, so a column that names other raters is an error. Without a
    session every rating counts as an early one: a warning. A column that ``clinic.toml`` maps, or declares as the
    clinic's own, needs no fault. Neither do outcomes whose rater or session ``clinic.toml`` sets for every row.
    """
    declared = {normalize_code(name) for name in source.mapping.columns} | set(list_columns("outcomes"))
    own = {name: cells for name, cells in mapped.frame.items() if normalize_code(str(name)) not in declared}
    if mapping.rater is None and "rater" not in mapped.frame:
        for header, cells in own.items():
            _check_rater(source, str(header), cells)
    if mapping.session is None and "session" not in mapped.frame:
        for header, cells in own.items():
            _check_session(source, str(header), cells)


def _check_rater(source: SourceFile, header: str, cells: pd.Series) -> None:
    words = {_split_words(str(cell)) for cell in cells.dropna().unique()}
    fix = (
        f'Did you mean `rater`? Then write `rater = {{ from = "{header}", codes = {{ patient = "client" }} }}` under '
        f"[tables.outcomes.columns], with your words in `codes`. {_describe_own(header)}"
    )
    if words & OTHER_RATER_WORDS and words <= CLIENT_WORDS | OTHER_RATER_WORDS:
        message = "this column names the raters, and no column is mapped to `rater`"
        source.collector.add_error("unmapped-rater", header, message, fix)
    elif not words <= CLIENT_WORDS and _RATER_HEADER.search(_split_words(header)):
        message = "this column may name the raters, and every rating counts as the client's"
        source.collector.add_warning("unmapped-rater-header", header, message, fix)


def _check_session(source: SourceFile, header: str, cells: pd.Series) -> None:
    known = cells.dropna()
    is_number = len(known) > 0 and pd.api.types.is_numeric_dtype(known) and bool((known % 1 == 0).all())
    if is_number and _SESSION_HEADER.match(_split_words(header)):
        message = "this column may be the number of the session, and every rating counts as an early one"
        fix = (
            f'Did you mean `session`? Then write `session = "{header}"` under [tables.outcomes.columns]. '
            f"{_describe_own(header)}"
        )
        source.collector.add_warning("unmapped-session", header, message, fix)


def _describe_own(header: str) -> str:
    return f'If it is your own column, write `"{header}" = "{header}"` there.'


def _split_words(text: str) -> str:
    """Return a header or cell as lower-case words with one space between them.

    >>> _split_words("Rated_By"), _split_words("SessionNo.")
    ('rated by', 'session no')
    """
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    return normalize_code(_WORD_MARKS.sub(" ", spaced)).strip()
