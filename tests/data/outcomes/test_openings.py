"""Openings: starts since the roster was checked use them up."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.pair_states import Offer, Pair, PairStates
from attune_fit.data.clinic.tables import Tables, UnreadableCell
from attune_fit.data.outcomes.openings import (
    OpeningUse,
    count_held_openings,
    count_openings,
    count_starts,
    list_met_therapists,
    list_opening_uses,
)
from attune_fit.data.reading.read_clinic import read_tables
from attune_fit.data.writing.canonical_export import write_tables
from tests.data.conftest import ClinicFolder
from tests.strategies import Cells, clinic, clinics

CHECKED = pd.Timestamp("2026-05-20")


def one_therapist(outcomes: Cells, open_slots: float | None = 3, updated_on: pd.Timestamp | None = CHECKED) -> Tables:
    records = {"therapist_id": ["t0"] * len(outcomes["client_id"]), **outcomes}
    return clinic({"age": [30] * 4}, {"open_slots": [open_slots], "updated_on": [updated_on]}, outcomes=records)


def day(text: str | None) -> pd.Timestamp | None:
    return None if text is None else pd.Timestamp(text)


@pytest.mark.parametrize(
    ("date", "session", "starts"),
    [
        ("2026-05-20", 1, 0),  # the day of the check itself: the therapist knew of this client
        ("2026-05-21", 1, 1),
        ("2026-06-03", 2, 1),  # began on 2026-05-27
        ("2026-06-03", 3, 0),  # began on 2026-05-20
        ("2026-06-10", 12, 0),
        ("2026-05-21", None, 1),  # without a session number the record itself is the start
        ("2026-05-19", None, 0),
        (None, 1, 0),
    ],
)
def test_a_pair_starts_seven_days_before_its_first_record_for_each_session_before(
    date: str | None, session: int | None, starts: int
) -> None:
    tables = one_therapist({"client_id": ["c0"], "measured_on": [day(date)], "session": [session]})
    assert count_starts(tables).tolist() == [starts]
    assert count_openings(tables).tolist() == [3 - starts]


def test_a_pair_counts_once_and_by_its_first_record() -> None:
    days = [day("2026-06-10"), day("2026-05-28"), day("2026-06-03")]
    again = one_therapist({"client_id": ["c0"] * 3, "measured_on": days, "session": [4, 2, 3]})
    assert count_starts(again).tolist() == [1]
    older = one_therapist({"client_id": ["c0"] * 2, "measured_on": [day("2026-01-07"), day("2026-06-03")]})
    assert count_starts(older).tolist() == [0]


@pytest.mark.parametrize(("sessions", "starts"), [([9, 1], 1), ([9, 8], 0), ([9, None], 1), ([None, 1], 1)])
def test_the_lowest_session_of_the_first_day_decides(sessions: list[int | None], starts: int) -> None:
    """A record without a session is a start: a wrong session of that day does not give the opening back."""
    tables = one_therapist({"client_id": ["c0"] * 2, "measured_on": [day("2026-06-03")] * 2, "session": sessions})
    assert count_starts(tables).tolist() == [starts]


def test_openings_are_never_below_zero_and_unknown_ones_stay_unknown() -> None:
    many: Cells = {"client_id": ["c0", "c1", "c2", "c3"], "measured_on": [day("2026-06-01")] * 4}
    assert count_openings(one_therapist(many)).tolist() == [0]
    assert np.isnan(count_openings(one_therapist(many, open_slots=None))).all()
    assert count_openings(one_therapist(many, updated_on=None)).tolist() == [3]


def test_the_use_of_openings_is_one_sentence() -> None:
    tables = one_therapist({"client_id": ["c0"], "measured_on": [day("2026-06-01")]})
    uses = list_opening_uses(tables)
    assert uses == {"t0": OpeningUse(1, 3, "2026-05-20")}
    assert str(uses["t0"]) == "1 of 3 openings used since 2026-05-20"
    assert list_opening_uses(one_therapist({"client_id": ["c0"], "measured_on": [day("2026-05-01")]})) == {}
    assert list_opening_uses(one_therapist({"client_id": ["c0"], "measured_on": [day("2026-06-01")]}, None)) == {}


def test_every_start_counts_where_the_date_of_the_check_cannot_be_read() -> None:
    records: Cells = {"client_id": ["c0", "c1"], "measured_on": [day("2020-01-01"), None]}
    tables = one_therapist(records, updated_on=None)
    assert count_openings(tables).tolist() == [3]
    cell = UnreadableCell("therapists", "updated_on", "t0", "missing")
    unreadable = replace(tables, unreadable=frozenset({cell}))
    assert count_openings(unreadable).tolist() == [2]
    (use,) = list_opening_uses(unreadable).values()
    assert str(use) == "1 of 3 openings used by all starts, because `updated_on` cannot be read"


UPDATED = "therapist_id,open_slots,updated_on\ntom,2,2026-05-01\nuna,1,2026-05-01\n"
RECORDS = "client_id,therapist_id,session,measured_on,instrument,score\nann,una,1,2026-04-02,WAI-SR,4\n"


@pytest.mark.parametrize(
    ("record", "n_openings"),
    [
        ("gone,tom,1,2026-05-20,WAI-SR,4", 1),
        ("gone,tom,1,2026-04-20,WAI-SR,4", 2),
        ("gone,tom,1,,WAI-SR,4", 2),
        ("gone,tom,1,sometime,WAI-SR,4", 1),
        ("ann,tom,1,sometime,WAI-SR,4", 1),
        ("ann,tom,1,,WAI-SR,4", 2),
        ("ann,tom,1,sometime,WAI-SR,4\nann,tom,2,2026-04-20,WAI-SR,4", 2),
    ],
)
def test_clients_of_the_past_and_unreadable_dates_use_openings(
    clinic_folder: ClinicFolder, tmp_path: Path, record: str, n_openings: int
) -> None:
    clinic_folder.put("therapists.csv", UPDATED)
    clinic_folder.put("outcomes.csv", f"{RECORDS}{record}\nben,una,1,2026-04-03,WAI-SR,4\n")
    tables = clinic_folder.read()
    assert dict(zip(tables.therapists["therapist_id"], count_openings(tables), strict=True)) == {
        "tom": n_openings, "una": 1,
    }  # fmt: skip
    write_tables(tables, tmp_path / "out")
    exported = read_tables(Clinic.open(tmp_path / "out"))
    assert exported.digest() == tables.digest()
    assert count_starts(exported).tolist() == count_starts(tables).tolist()


def test_a_client_whom_rows_leaves_out_uses_an_opening(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("therapists.csv", UPDATED).put("outcomes.csv", f"{RECORDS}ben,tom,1,2026-05-20,WAI-SR,4\n")
    clinic_folder.add('[tables.clients]\nrows = { column = "client_id", is_not = "ben" }\n')
    tables = clinic_folder.read()
    assert dict(zip(tables.therapists["therapist_id"], count_openings(tables), strict=True)) == {"tom": 1, "una": 1}
    assert not count_starts(tables.drop_outcomes()).any()


def count_starts_plainly(tables: Tables, therapist_id: str, checked_on: Any) -> int:
    if pd.isna(checked_on):
        return 0
    starts = 0
    for client_id in tables.clients["client_id"]:
        records = [
            (row["measured_on"], 0 if math.isnan(row["session"]) else row["session"])
            for row in tables.outcomes.to_dict("records")
            if (row["client_id"], row["therapist_id"]) == (client_id, therapist_id) and not pd.isna(row["measured_on"])
        ]
        if records:
            date, session = min(records)
            weeks = max(session - 1, 0)
            starts += date - pd.Timedelta(days=7 * weeks) > checked_on
    return starts


@settings(deadline=None, max_examples=60)
@given(tables=clinics(columns=("open_slots", "updated_on"), outcomes=8))
def test_starts_equal_a_plain_count(tables: Tables) -> None:
    roster = tables.therapists
    plain = [
        count_starts_plainly(tables, therapist_id, checked_on)
        for therapist_id, checked_on in zip(roster["therapist_id"], roster["updated_on"], strict=True)
    ]
    assert count_starts(tables).tolist() == plain


def test_met_therapists_are_in_the_order_of_their_first_dates() -> None:
    days = [day("2026-03-02"), day("2026-01-02"), day("2026-04-01"), None]
    met: Cells = {"client_id": ["c0", "c0", "c0", "c1"], "therapist_id": ["t1", "t0", "t0", "t1"], "measured_on": days}
    assert list_met_therapists(clinic({"age": [30, 31, 32]}, {"age": [40, 41]}, outcomes=met)) == {
        "c0": ("t0", "t1"),
        "c1": ("t1",),
    }


def offers(*pairs: tuple[str, str]) -> PairStates:
    return PairStates(offers=tuple(Offer(*pair, "offered", dt.date(2026, 6, 20)) for pair in pairs))


def test_an_offer_holds_an_opening_and_none_is_held_twice() -> None:
    tables = one_therapist({"client_id": ["c0"], "measured_on": [day("2026-06-01")]})
    held = replace(tables, pair_states=offers(("c1", "t0")))
    assert count_held_openings(held).tolist() == [1]
    assert count_openings(held).tolist() == [1]
    assert str(list_opening_uses(held)["t0"]) == "1 of 3 openings used since 2026-05-20, 1 held by an offer"
    full = replace(tables, pair_states=offers(("c1", "t0"), ("c2", "t0"), ("c3", "t0"), ("gone", "t9")))
    assert count_openings(full).tolist() == [0]
    assert list_opening_uses(full) == {"t0": OpeningUse(1, 3, "2026-05-20", held=2)}
    unused = replace(full, outcomes=tables.outcomes.iloc[:0])
    assert str(list_opening_uses(unused)["t0"]) == "3 of 3 openings held by offers"


@pytest.mark.parametrize("updated_on", [CHECKED, None])
def test_a_start_that_no_date_shows_uses_an_opening_once(updated_on: pd.Timestamp | None) -> None:
    records: Cells = {"client_id": ["c0", "c1"], "measured_on": [CHECKED, day("2026-06-01")]}
    tables = one_therapist(records, updated_on=updated_on)
    before = count_starts(tables).tolist()
    assert before == [1 if updated_on else 0]
    since = frozenset({Pair("c0", "t0"), Pair("gone", "t0"), Pair("c3", "t9")})
    assert count_starts(replace(tables, pair_states=PairStates(starts_since_check=since))).tolist() == [before[0] + 2]
    again = replace(tables, pair_states=PairStates(starts_since_check=since | {Pair("c1", "t0")}))
    assert count_starts(again).tolist() == [3]
    used = "since 2026-05-20" if updated_on else "since `open_slots` was set"
    assert str(list_opening_uses(again)["t0"]) == f"3 of 3 openings used {used}"
