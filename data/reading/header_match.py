"""Finding a clinic's header among those its file has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attune_fit.data.cell_parsing import normalize_code
from attune_fit.data.fault_collector import suggest_name

if TYPE_CHECKING:
    import pandas as pd

    from attune_fit.data.fault_collector import FaultCollector


def find_header(raw: pd.DataFrame, header: str) -> str | None:
    """The header as the file spells it: the same, else the same without case and extra spaces, else None.

    >>> import pandas as pd
    >>> find_header(pd.DataFrame(columns=["Client ID"]), "client  id")
    'Client ID'
    """
    if header in raw.columns:
        return header
    return next((str(there) for there in raw.columns if normalize_code(str(there)) == normalize_code(header)), None)


def require_header(raw: pd.DataFrame, header: str, key: str, findings: FaultCollector) -> str | None:
    """:func:`find_header`, or a finding that names the key of ``clinic.toml`` where the header was asked for."""
    there = find_header(raw, header)
    if there is None:
        fix = f"Correct `{key}` in clinic.toml. {suggest_name(header, list_headers(raw))}"
        findings.add_error(header, "the file has no such header", fix)
    return there


def list_headers(raw: pd.DataFrame) -> list[str]:
    """The file's headers."""
    return [str(header) for header in raw.columns]


def match_headers(raw: pd.DataFrame, pattern: str) -> dict[str, str]:
    """Headers of the form of ``pattern``, whose ``*`` stands for any text: that text, and the header.

    >>> import pandas as pd
    >>> match_headers(pd.DataFrame(columns=["avail mon-am", "Avail  mon-pm", "State"]), "avail *")
    {'mon-am': 'avail mon-am', 'mon-pm': 'Avail  mon-pm'}
    """
    before, star, after = (normalize_code(part) for part in pattern.partition("*"))
    form = re.compile(rf"{re.escape(before)}\s*(.+?)\s*{re.escape(after)}" if star else re.escape(before))
    hits = ((form.fullmatch(normalize_code(header)), header) for header in list_headers(raw))
    return {(hit[1] if star else before): header for hit, header in hits if hit}
