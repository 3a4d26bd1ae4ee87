"""Wishes: columns such as `F (required)` in the clients' file, and the tidy table of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from data import cells
from data.cells import word
from data.codes import CodeBook
from data.columns import columns_of
from data.findings import mostly
from data.headers import needed
from data.mapping import Mapped
from data.spans import span

if TYPE_CHECKING:
    from data.column import Source
    from data.findings import Findings
    from data.spelling import ColumnSpelling, Wish

_WISH = re.compile(r"(?P<value>.*\S)\s*\((?P<strength>[^()]*)\)")


def wish_tables(clients: Source, ids: pd.Series, wishes: Sequence[Wish], findings: Findings) -> list[Mapped]:
    """The wishes in each of the columns, as rows of ``preferences``; row labels are those of the clients' file."""
    tables = []
    for number, wish in enumerate(wishes):
        header = needed(clients.raw, wish.column, f"tables.preferences.wishes.{number}.column", findings)
        if header is not None:
            given = clients.given(header).reindex(ids.index).dropna()
            tables.append(_wish_table(header, given, ids, wish, findings))
    return tables


def _wish_table(header: str, given: pd.Series, ids: pd.Series, wish: Wish, findings: Findings) -> Mapped:
    strength = cells.each(given, lambda text: _strength(text, wish))
    unclear = strength.isna()
    if unclear.any():
        findings.stop(
            header, "no strength in brackets that `strengths` lists",
            f"Write `value (strength)`; known: {', '.join(f'`{said}`' for said in wish.strengths)}.",
            given.index[unclear],
        )  # fmt: skip
    frame = pd.DataFrame({
        "client_id": ids.reindex(given.index), "attribute": wish.attribute,
        "value": cells.each(given, _value), "strength": strength,
    })  # fmt: skip
    return Mapped(frame[~unclear], dict.fromkeys(columns_of("preferences"), header))


def _strength(text: str, wish: Wish) -> str | None:
    found = _WISH.fullmatch(text.strip())
    return wish.strengths.get(word(found["strength"])) if found else None


def _value(text: str) -> str:
    found = _WISH.fullmatch(text.strip())
    return word(found["value"] if found else text)


def held_against(
    roster: pd.DataFrame,
    mapped: Mapped,
    own: Mapping[str, ColumnSpelling],
    codes: Mapping[str, Wish],
    findings: Findings,
) -> Mapped:
    """Wishes in the words of the roster's columns, each checked against the column it is about.

    Parameters
    ----------
    roster : DataFrame
        The therapists.
    mapped : Mapped
        Rows of ``preferences``.
    own : mapping of str to ColumnSpelling
        How the roster's columns are spelt: their codes are those of the wishes too.
    codes : mapping of str to Wish
        Wishes with codes of their own, by attribute.
    findings : Findings

    Returns
    -------
    Mapped
        Without the wishes that cannot be read; the findings say which.
    """
    frame = mapped.frame.dropna(subset=["attribute", "value"])
    names = {word(str(name)): str(name) for name in roster.columns}
    attribute = frame["attribute"].map(lambda said: names.get(word(said))).astype("str")
    header = mapped.headers.get("attribute", "attribute")
    if attribute.isna().any():
        findings.stop(
            header, "a wish about a column that the roster does not have",
            f"Name a column of therapists: {', '.join(f'`{name}`' for name in roster.columns)}.",
            frame.index[attribute.isna()],
        )  # fmt: skip
    kept = [
        _about(str(name), rows, roster, own.get(str(name)), codes.get(str(name)), mapped.headers, findings)
        for name, rows in frame.assign(attribute=attribute).dropna(subset="attribute").groupby("attribute", sort=False)
    ]
    return Mapped(pd.concat(kept).sort_index(kind="stable") if kept else frame.iloc[:0], mapped.headers)


def _about(
    name: str, rows: pd.DataFrame, roster: pd.DataFrame, own: ColumnSpelling | None, wish: Wish | None,
    headers: Mapping[str, str], findings: Findings,
) -> pd.DataFrame:  # fmt: skip
    """Wishes about one column of the roster, in its words."""
    column, header = roster[name], headers.get("value", "value")
    if column.isna().all():
        findings.note(
            header, f"wishes about `{name}`, of which the roster says nothing", "They stay unknown.", rows.index
        )
    if pd.api.types.is_datetime64_any_dtype(column):
        findings.stop(header, f"wishes about `{name}`, which holds dates", "Wish for a number or a code.", rows.index)
        return rows
    if pd.api.types.is_numeric_dtype(column):
        bad = ~rows["value"].map(_is_span).astype(bool)
        if bad.any():
            findings.stop(
                header, f"wishes about `{name}`, which holds numbers, that say none",
                "Write a number, `40-60`, `65-`, `>=10` or `<=45`.", rows.index[bad],
            )  # fmt: skip
        return rows
    if name == "therapist_id":
        return rows.assign(value=rows["value"].map(lambda said: _id_of(said, column)))
    return _in_our_words(name, rows, own, wish, header, findings)


def _in_our_words(
    name: str, rows: pd.DataFrame, own: ColumnSpelling | None, wish: Wish | None, header: str, findings: Findings
) -> pd.DataFrame:
    """Wished codes as the roster's column spells them; those nobody can read are left out."""
    book = CodeBook(
        (wish.codes if wish else {}) or (own.codes if own else {}), keep=own is not None and own.other == "keep"
    )
    value, odd = book.read(rows["value"])
    column = columns_of("therapists").get(name)
    if column and column.codes:
        odd |= ~value.isin(column.codes)
    if odd.any():
        known = (column.codes if column else ()) or book.codes
        listed = f"Known: {', '.join(f'`{code}`' for code in known)}."
        if mostly(int(odd.sum()), len(rows)):
            findings.stop(header, f"{int(odd.sum())} of {len(rows)} wishes about `{name}` are no known code",
                          f"List the clinic's words in the wish's `codes`. {listed}", rows.index[odd])  # fmt: skip
        else:
            findings.note(
                header, f"wishes about `{name}` that are no known code", f"Left out. {listed}", rows.index[odd]
            )
    return rows.assign(value=value)[~odd]


def _is_span(said: str) -> bool:
    try:
        span(said)
    except ValueError:
        return False
    return True


def _id_of(said: str, ids: pd.Series) -> str:
    """The therapist's id as the roster spells it; a wish about someone who is not there is kept as it is."""
    return {word(one): str(one) for one in ids.dropna()}.get(said, said)
