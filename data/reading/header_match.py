"""Finding a clinic's header among those its file has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attune_fit.data.cell_parsing import word
from attune_fit.data.fault_collector import did_you_mean

if TYPE_CHECKING:
    import pandas as pd

    from attune_fit.data.fault_collector import Findings


def find(raw: pd.DataFrame, header: str) -> str | None:
    """The header as the file spells it: the same, else the same without case and extra spaces, else None.

    >>> import pandas as pd
    >>> find(pd.DataFrame(columns=["Client ID"]), "client  id")
    'Client ID'
    """
    if header in raw.columns:
        return header
    return next((str(there) for there in raw.columns if word(str(there)) == word(header)), None)


def needed(raw: pd.DataFrame, header: str, key: str, findings: Findings) -> str | None:
    """:func:`find`, or a finding that names the key of ``clinic.toml`` where the header was asked for."""
    there = find(raw, header)
    if there is None:
        fix = f"Correct `{key}` in clinic.toml. {did_you_mean(header, listed(raw))}"
        findings.stop(header, "the file has no such header", fix)
    return there


def listed(raw: pd.DataFrame) -> list[str]:
    """The file's headers."""
    return [str(header) for header in raw.columns]


def matching(raw: pd.DataFrame, pattern: str) -> dict[str, str]:
    """Headers of the form of ``pattern``, whose ``*`` stands for any text: that text, and the header.

    >>> import pandas as pd
    >>> matching(pd.DataFrame(columns=["avail mon-am", "Avail  mon-pm", "State"]), "avail *")
    {'mon-am': 'avail mon-am', 'mon-pm': 'Avail  mon-pm'}
    """
    before, star, after = (word(part) for part in pattern.partition("*"))
    form = re.compile(rf"{re.escape(before)}\s*(.+?)\s*{re.escape(after)}" if star else re.escape(before))
    hits = ((form.fullmatch(word(header)), header) for header in listed(raw))
    return {(hit[1] if star else before): header for hit, header in hits if hit}
