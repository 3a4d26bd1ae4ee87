"""Columns of wishes in the clients' file, such as `F (required)`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from attune_fit.data import cell_parsing
from attune_fit.data.cell_parsing import word
from attune_fit.data.clinic.columns import columns_of
from attune_fit.data.reading.header_match import needed
from attune_fit.data.reading.table_reader import Mapped

if TYPE_CHECKING:
    from attune_fit.data.clinic.mapping_config import Wish
    from attune_fit.data.fault_collector import Findings
    from attune_fit.data.reading.column_reader import Source

_WISH = re.compile(r"(?P<value>.*\S)\s*\((?P<strength>[^()]*)\)")


def wish_columns(
    clients: Source, ids: pd.Series, wishes: Sequence[Wish], findings: Findings
) -> list[tuple[Wish, Mapped]]:
    """Read each column as rows of ``preferences``.

    Parameters
    ----------
    clients : Source
        The clients' file.
    ids : Series
        The id of each client that is kept, by row of that file.
    wishes : sequence of Wish
        What ``clinic.toml`` says of the columns.
    findings : Findings

    Returns
    -------
    list of (Wish, Mapped)
        Row labels are those of the clients' file. A cell whose strength cannot be read stops: to guess whether someone
        must or must not be offered would be worse.
    """
    tables = []
    for number, wish in enumerate(wishes):
        header = needed(clients.raw, wish.column, f"tables.preferences.wishes.{number}.column", findings)
        if header is not None:
            given = clients.given(header).reindex(ids.index).dropna()
            tables.append((wish, _table(header, given, ids, wish, findings)))
    return tables


def _table(header: str, given: pd.Series, ids: pd.Series, wish: Wish, findings: Findings) -> Mapped:
    strength = cell_parsing.each(given, lambda text: _strength(text, wish))
    unclear = strength.isna()
    if unclear.any():
        findings.stop(
            header, "no strength in brackets that `strengths` lists",
            f"Write `value (strength)`; known: {', '.join(f'`{said}`' for said in wish.strengths)}.",
            given.index[unclear],
        )  # fmt: skip
    frame = pd.DataFrame({
        "client_id": ids.reindex(given.index), "attribute": wish.attribute,
        "value": cell_parsing.each(given, _value), "strength": strength,
    })  # fmt: skip
    return Mapped(frame[~unclear], dict.fromkeys(columns_of("preferences"), header))


def _strength(text: str, wish: Wish) -> str | None:
    found = _WISH.fullmatch(text.strip())
    return wish.strengths.get(word(found["strength"])) if found else None


def _value(text: str) -> str:
    found = _WISH.fullmatch(text.strip())
    return word(found["value"] if found else text)
