"""Legal clinics for tests: small ones written by hand, and any that Hypothesis can think of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from attune_fit.data.clinic.columns import STRENGTHS, Column, list_columns
from attune_fit.data.clinic.pair_states import Offer, Pair, PairStates
from attune_fit.data.clinic.tables import Tables, complete_columns

AS_OF = dt.date(2026, 6, 15)
NO_WISH = ("therapist_id", "updated_on")  # columns no wish can name

Cells = Mapping[str, Sequence[Any]]
Wish = tuple[int, str, str, str]  # client row, attribute, value, strength

VOCABULARY: dict[str, tuple[str, ...]] = {
    "gender": ("f", "m", "x"),
    "race_ethnicity": ("asian", "black", "white"),
    "languages": ("english", "spanish", "sign language"),
    "religion": ("christian", "jewish", "none"),
    "region": ("ca", "ny"),
    "licensed_regions": ("ca", "ny"),
    "payer": ("aetna", "self pay"),
    "payers": ("aetna", "self pay"),
    "formats": ("in person", "video", "group"),
    "availability": ("mon-am", "tue-pm", "fri-eve"),
    "presenting_problems": ("anxiety", "grief", "stress", "trauma"),
    "specialties": ("anxiety", "grief", "stress", "trauma"),
    "problems_not_taken": ("anxiety", "grief"),
    "orientations": ("cbt", "psychodynamic"),
    "age_groups": ("18-64", "65-"),
    "instrument": ("WAI-SR",),
    "reason": ("related",),
}


def clinic(
    clients: Cells,
    therapists: Cells,
    wishes: Sequence[Wish] = (),
    outcomes: Cells | None = None,
    conflicts: Cells | None = None,
) -> Tables:
    """Tables from the columns that matter to a test; all else is unknown, ids are c0, c1, ... and t0, t1, ..."""
    preferences = {
        "client_id": [f"c{row}" for row, *_ in wishes],
        "attribute": [attribute for _, attribute, _, _ in wishes],
        "value": [value for _, _, value, _ in wishes],
        "strength": [strength for *_, strength in wishes],
    }
    met = frozenset((outcomes or {}).get("client_id", ()))
    return Tables(
        clients=_table("clients", {"client_id": _ids("c", clients), **clients}),
        therapists=_table("therapists", {"therapist_id": _ids("t", therapists), **therapists}),
        preferences=_table("preferences", preferences),
        outcomes=_table("outcomes", outcomes or {}),
        conflicts=_table("conflicts", conflicts or {}),
        as_of=AS_OF,
        met_client_ids=met,
    )


@st.composite
def clinics(
    draw: st.DrawFn,
    columns: Collection[str] | None = None,
    most: int = 4,
    wishes: int = 6,
    outcomes: int = 0,
    conflicts: int = 0,
    states: int = 0,
) -> Tables:
    """Draw a legal clinic of 1 to ``most`` clients and therapists, any cell of which may be unknown.

    ``columns`` are those drawn (all when None), the rest is unknown; ``wishes``, ``outcomes`` and ``conflicts`` are the
    most rows of their tables, and ``states`` the most pairs with an offer or a decline.
    """
    n, m = draw(st.integers(1, most)), draw(st.integers(1, most))
    client, therapist = st.integers(0, n - 1), st.integers(0, m - 1)
    tables = clinic(
        clients=draw(_columns("clients", n, columns)),
        therapists=draw(_columns("therapists", m, columns)),
        wishes=[(draw(client), *draw(_wish(columns))) for _ in range(draw(st.integers(0, wishes)))],
        outcomes=draw(_meetings("outcomes", client, therapist, outcomes)),
        conflicts=draw(_meetings("conflicts", client, therapist, conflicts)),
    )
    return replace(tables, pair_states=draw(_pair_states(client, therapist, states))) if states else tables


@st.composite
def _pair_states(
    draw: st.DrawFn, client: st.SearchStrategy[int], therapist: st.SearchStrategy[int], most: int
) -> PairStates:
    """Open offers, accepted offers and declines; each pair has one of them."""
    pairs = draw(st.lists(st.tuples(client, therapist), max_size=most, unique=True))
    offers, declined = [], []
    for row, column in pairs:
        pair = Pair(f"c{row}", f"t{column}")
        kind = draw(st.sampled_from(("offered", "accepted", "declined")))
        if kind == "declined":
            declined.append(pair)
        elif kind == "accepted":
            offers.append(Offer(*pair, "accepted", None))
        else:
            offers.append(Offer(*pair, "offered", AS_OF + dt.timedelta(days=1)))
    return PairStates(offers=tuple(sorted(offers, key=lambda offer: offer[:2])), declined=frozenset(declined))


def crowd(seed: int = 0, people: int = 25, unknown: float = 0.2) -> Tables:
    """A clinic with as many clients as therapists, ten wishes each, every column in use and a share of it unknown.

    For tests that want every kind of pair at once and no search.
    """
    rng = np.random.default_rng(seed)

    def drawn(table: str) -> Cells:
        return {
            name: [cell(column, rng) if rng.random() > unknown else None for _ in range(people)]
            for name, column in list_columns(table).items()
            if column.kind != "id"
        }

    able = [column for name, column in list_columns("therapists").items() if name not in NO_WISH]
    wishes = [
        (client, able[one].name, _wished(able[one], rng), str(rng.choice(STRENGTHS)))
        for client in range(people)
        for one in rng.choice(len(able), 10, replace=False)
    ]
    return clinic(drawn("clients"), drawn("therapists"), wishes)


def cell(column: Column, rng: np.random.Generator) -> Any:
    """One legal known cell."""
    if column.kind == "number":
        return rng.integers(int(column.low or 0) * 2, int(column.high or 5) * 2 + 1) / 2
    if column.kind == "date":
        return pd.Timestamp(AS_OF) - pd.Timedelta(days=int(rng.integers(0, 400)))
    codes = column.codes or VOCABULARY[column.name]
    if column.kind == "code":
        return str(rng.choice(codes))
    return "|".join(rng.permutation(codes)[: rng.integers(1, len(codes) + 1)])


def _wished(column: Column, rng: np.random.Generator) -> str:
    """A value to wish for: the lower half of a number, or a code."""
    if column.kind == "number":
        return f"<={int(((column.low or 0) + (column.high or 0)) / 2)}"
    return str(rng.choice(column.codes or VOCABULARY[column.name]))


def cells(column: Column) -> st.SearchStrategy[Any]:
    """Every legal known cell of a column."""
    if column.kind == "number":
        low = 1.0 if column.low is None else column.low
        high = 5.0 if column.high is None else column.high
        return st.integers(int(low * 2), int(high * 2)).map(lambda halves: halves / 2)
    if column.kind == "date":
        return st.dates(AS_OF - dt.timedelta(days=400), AS_OF).map(pd.Timestamp)
    codes = st.sampled_from(column.codes or VOCABULARY[column.name])
    if column.kind == "code":
        return codes
    return st.lists(codes, min_size=1, max_size=3, unique=True).map("|".join)


def _table(name: str, given: Cells) -> pd.DataFrame:
    """The canonical table with these columns."""
    return complete_columns(name, pd.DataFrame(dict(given)))


def _ids(letter: str, given: Cells) -> list[str]:
    """As many ids as the columns have rows."""
    return [f"{letter}{row}" for row in range(max((len(column) for column in given.values()), default=1))]


@st.composite
def _columns(draw: st.DrawFn, table: str, rows: int, chosen: Collection[str] | None) -> Cells:
    """Columns of a table, each cell known or not; one column at least, so that the rows are counted."""
    drawn: dict[str, Sequence[Any]] = {"age": [None] * rows}
    for name, column in list_columns(table).items():
        if column.kind != "id" and (chosen is None or name in chosen):
            drawn[name] = draw(st.lists(st.none() | cells(column), min_size=rows, max_size=rows))
    return drawn


@st.composite
def _wish(draw: st.DrawFn, chosen: Collection[str] | None) -> tuple[str, str, str]:
    """An attribute of therapists, a value of it and a strength."""
    known = [column for name, column in list_columns("therapists").items() if name not in NO_WISH]
    column = draw(st.sampled_from([one for one in known if chosen is None or one.name in chosen] or known))
    if column.kind == "number":
        low, more = draw(st.integers(0, 60)), draw(st.integers(0, 30))
        value = draw(st.sampled_from([f"{low}-{low + more}", f">={low}", f"<={low}", f"{low}-", f"{low}"]))
    else:
        value = draw(st.sampled_from(column.codes or VOCABULARY[column.name]))
    return column.name, value, draw(st.sampled_from(STRENGTHS))


@st.composite
def _meetings(
    draw: st.DrawFn, table: str, client: st.SearchStrategy[int], therapist: st.SearchStrategy[int], most: int
) -> Cells:
    """Rows of a table that names a client and a therapist."""
    count = draw(st.integers(0, most))
    met: dict[str, Sequence[Any]] = {
        "client_id": [f"c{draw(client)}" for _ in range(count)],
        "therapist_id": [f"t{draw(therapist)}" for _ in range(count)],
    }
    for name, column in list_columns(table).items():
        if column.kind != "id":
            met[name] = draw(st.lists(st.none() | cells(column), min_size=count, max_size=count))
    return met
