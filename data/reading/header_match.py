"""Search for a clinic's headers in its file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attune_fit.data.cell_parsing import normalize_code
from attune_fit.data.fault_collector import suggest_name

if TYPE_CHECKING:
    import pandas as pd

    from attune_fit.data.fault_collector import FaultCollector


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


def require_header(raw: pd.DataFrame, header: str, key: str, collector: FaultCollector) -> str | None:
    """Return :func:`find_header`; if there is none, add an error that names the ``key`` of ``clinic.toml``."""
    match = find_header(raw, header)
    if match is None:
        fix = f"Correct `{key}` in clinic.toml. {suggest_name(header, list_headers(raw))}"
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
