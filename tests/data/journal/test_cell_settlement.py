"""One cell of an export that arrived after events of the journal: which of the two holds."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune_fit.data.journal.applying.cell_settlement import (
    SETTLEMENT_REASONS,
    CellChange,
    CellValue,
    RosterCheck,
    SettledCell,
    SettledRoster,
    compute_cell_digest,
    find_wished_value,
    format_wish_name,
    normalize_cell,
    settle_cell,
    settle_roster,
)

Change = tuple[CellValue, CellValue]  # what was there, and what the event sets


class CellCase(NamedTuple):
    """A chain of changes, what a new export has, and what holds; events are numbered from 1."""

    changes: tuple[Change, ...]
    export: CellValue
    value: CellValue
    overruled: tuple[int, ...] = ()
    undone: tuple[int, ...] = ()


CELL_CASES = {
    "no event": CellCase((), 30.0, 30.0),
    "the old export": CellCase(((30.0, 31.0),), 30.0, 31.0),
    "the export agrees": CellCase(((30.0, 31.0),), 31.0, 31.0),
    "the export was changed": CellCase(((30.0, 31.0),), 40.0, 40.0, (1,)),
    "the export lost the cell": CellCase(((30.0, 31.0),), None, None, (1,)),
    "an unknown cell is filled": CellCase(((None, 31.0),), None, 31.0),
    "a cell became unknown": CellCase(((30.0, None),), 30.0, None),
    "a cell became unknown in both": CellCase(((30.0, None),), None, None),
    "an export before both events": CellCase(((30.0, 31.0), (31.0, 32.0)), 30.0, 32.0),
    "an export between two events": CellCase(((30.0, 31.0), (31.0, 32.0)), 31.0, 32.0),
    "an export after both events": CellCase(((30.0, 31.0), (31.0, 32.0)), 32.0, 32.0),
    "an export changed after both events": CellCase(((30.0, 31.0), (31.0, 32.0)), 40.0, 40.0, (1, 2)),
    "an event on top of a changed export": CellCase(((30.0, 31.0), (40.0, 41.0)), 40.0, 41.0),
    "there and back": CellCase(((30.0, 31.0), (31.0, 30.0)), 31.0, 30.0),
    "an undone event sets nothing": CellCase(((30.0, 31.0),), 30.0, 30.0, undone=(1,)),
    "an undone event agrees with nothing": CellCase(((30.0, 31.0),), 31.0, 31.0, undone=(1,)),
    "an event on top of an undone one": CellCase(((30.0, 31.0), (31.0, 32.0)), 30.0, 32.0, undone=(1,)),
    "an undone last event": CellCase(((30.0, 31.0), (31.0, 32.0)), 30.0, 31.0, undone=(2,)),
    "only applied events are overruled": CellCase(((30.0, 31.0), (31.0, 32.0)), 40.0, 40.0, (2,), undone=(1,)),
}


@pytest.mark.parametrize("name", CELL_CASES)
def test_a_new_export_is_settled_with_the_events(name: str) -> None:
    case = CELL_CASES[name]
    changes = [
        CellChange(number, new, compute_cell_digest(old), number in case.undone)
        for number, (old, new) in enumerate(case.changes, 1)
    ]
    assert settle_cell(case.export, changes) == SettledCell(case.value, case.overruled)


def test_an_event_without_a_digest_holds_only_where_the_export_agrees() -> None:
    change = CellChange(1, 31.0, None)
    assert settle_cell(30.0, [change]) == SettledCell(30.0, (1,))
    assert settle_cell(31.0, [change]) == SettledCell(31.0)


Row = tuple[float | None, str | None]
MON, TUE, WED = "2026-06-01", "2026-06-02", "2026-06-03"


class RosterCase(NamedTuple):
    """Checks as (row before, openings, day), what a new export has, the row that holds, its event, and the reason."""

    checks: tuple[tuple[Row, float | None, str], ...]
    export: Row
    row: Row
    number: int | None = None
    why: str = ""
    undone: tuple[int, ...] = ()


OLD = (3.0, MON)
ROSTER_CASES = {
    "no event": RosterCase((), OLD, OLD),
    "the old export": RosterCase(((OLD, 2.0, TUE),), OLD, (2.0, TUE), 1),
    "an export of an earlier day, changed": RosterCase(((OLD, 2.0, WED),), (5.0, TUE), (2.0, WED), 1),
    "an export of a later day": RosterCase(((OLD, 2.0, TUE),), (4.0, WED), (4.0, WED), None, "export-checked-later"),
    "an export of a later day, same number": RosterCase(((OLD, 2.0, TUE),), (2.0, WED), (2.0, WED)),
    "an export of a later day, no number": RosterCase(((OLD, 2.0, TUE),), (None, WED), (2.0, TUE), 1),
    "same day, the old export": RosterCase(((OLD, 2.0, MON),), OLD, (2.0, MON), 1),
    "same day, the export agrees": RosterCase(((OLD, 2.0, TUE),), (2.0, TUE), (2.0, TUE), 1),
    "same day, the export was changed": RosterCase(
        ((OLD, 2.0, TUE),), (4.0, TUE), (4.0, TUE), None, "export-checked-same-day"
    ),
    "the export has no date": RosterCase((((3.0, None), 2.0, TUE),), (3.0, None), (2.0, TUE), 1),
    "the export has no date and agrees": RosterCase((((3.0, None), 2.0, TUE),), (2.0, None), (2.0, TUE), 1),
    "the export has no date and was changed": RosterCase(
        (((3.0, None), 2.0, TUE),), (4.0, None), (4.0, None), None, "export-changed"
    ),
    "the export has nothing": RosterCase((((None, None), 2.0, TUE),), (None, None), (2.0, TUE), 1),
    "two checks, an export between them": RosterCase(
        ((OLD, 2.0, TUE), ((2.0, TUE), 1.0, TUE)), (2.0, TUE), (1.0, TUE), 2
    ),
    "the later day holds, not the later event": RosterCase(
        (((3.0, None), 2.0, WED), (OLD, 1.0, TUE)), OLD, (2.0, WED), 1
    ),
    "an undone check": RosterCase(((OLD, 2.0, TUE), ((2.0, TUE), 1.0, WED)), OLD, (2.0, TUE), 1, undone=(2,)),
    "all checks undone": RosterCase(((OLD, 2.0, TUE),), (2.0, TUE), (2.0, TUE), undone=(1,)),
    "a check without a number, none known": RosterCase((((None, MON), None, TUE),), (None, MON), (None, TUE), 1),
    "a check without a number, one known": RosterCase((((None, MON), None, TUE),), OLD, OLD),
    "a check without a number after one with": RosterCase(
        ((OLD, 2.0, TUE), ((2.0, TUE), None, WED)), OLD, (2.0, TUE), 1
    ),
}


@pytest.mark.parametrize("name", ROSTER_CASES)
def test_a_new_roster_row_is_settled_with_the_checks(name: str) -> None:
    case = ROSTER_CASES[name]
    checks = [
        RosterCheck(number, day, openings, compute_cell_digest(before), number in case.undone)
        for number, (before, openings, day) in enumerate(case.checks, 1)
    ]
    settled = settle_roster(*case.export, checks)
    assert (settled.open_slots, settled.updated_on) == case.row
    assert settled.number == case.number
    assert [why for _, why in settled.overruled] == [case.why] * bool(case.why)


def test_only_the_last_check_is_overruled() -> None:
    checks = [RosterCheck(1, MON, 2.0, None), RosterCheck(2, TUE, 3.0, None)]
    overruled = ((2, "export-checked-later"),)
    assert settle_roster(4.0, WED, checks) == SettledRoster(4.0, WED, None, overruled)


@given(
    values=st.lists(st.sampled_from([None, 1.0, 2.0, "a"]), min_size=2, max_size=6),
    export=st.integers(0, 5), undone=st.sets(st.integers(1, 5)),
)  # fmt: skip
def test_an_export_of_any_moment_of_the_chain_changes_nothing(
    values: list[CellValue], export: int, undone: set[int]
) -> None:
    """Events set the values one after the other; the clinic typed any of them into its own software meanwhile."""
    changes = [
        CellChange(number, new, compute_cell_digest(old))
        for number, (old, new) in enumerate(itertools.pairwise(values), 1)
    ]
    assert settle_cell(values[export % len(values)], changes) == SettledCell(values[-1])
    partly = [change._replace(is_undone=change.number in undone) for change in changes]
    applied = [change.value for change in partly if not change.is_undone]
    assert settle_cell(values[0], partly) == SettledCell(applied[-1] if applied else values[0])


UNKNOWN: list[object] = [None, float("nan"), pd.NA, pd.NaT, np.nan]
EQUAL: list[list[object]] = [
    UNKNOWN,
    [3, 3.0, np.float64(3), True + 2],
    [-0.0, 0, 0.0],
    ["2026-06-01", dt.date(2026, 6, 1), pd.Timestamp("2026-06-01"), dt.datetime(2026, 6, 1, 8)],
    ["caf\u00e9", "cafe\u0301"],
    ["3"],
    [""],
    [(2.0, pd.Timestamp("2026-06-01")), (2, "2026-06-01")],
    [(None, None), (float("nan"), pd.NaT)],
]


def test_equal_cells_have_equal_digests_and_different_ones_do_not() -> None:
    digests = [{compute_cell_digest(cell) for cell in cells} for cells in EQUAL]
    assert all(len(one) == 1 for one in digests)
    assert len(set().union(*digests)) == len(EQUAL)
    assert all(re.fullmatch("[0-9a-f]{16}", one) for one in set().union(*digests))
    assert [normalize_cell(cell) for cell in UNKNOWN] == [None] * len(UNKNOWN)


def test_the_digest_is_pinned() -> None:
    """Another value here means that no event of an earlier version can be settled with an export."""
    assert compute_cell_digest(30) == "e6a2bda5f82e6f78"
    assert compute_cell_digest((2.0, "2026-06-01")) == "fb6c6b3c24cdca09"


def test_the_name_of_a_wish_holds_no_id_of_a_therapist() -> None:
    assert format_wish_name("gender", "woman") == "wish gender=woman"
    assert format_wish_name("therapist_id", "t03") == "wish therapist_id"
    assert find_wished_value({"attribute": "therapist_id"}, "t03") == "t03"
    assert find_wished_value({"attribute": "therapist_id", "value": "not on the roster"}, None) == "not on the roster"
    assert find_wished_value({"attribute": "gender"}, None) is None


def test_a_reason_is_a_code_and_a_sentence() -> None:
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)+", code) for code in SETTLEMENT_REASONS)
    assert all(sentence[0].isupper() and sentence.endswith(".") for sentence in SETTLEMENT_REASONS.values())
    assert len(set(SETTLEMENT_REASONS.values())) == len(SETTLEMENT_REASONS)
