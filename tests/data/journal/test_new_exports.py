"""A new export arrives: what the files have, what the journal recorded on the earlier ones, and what holds."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.pair_states import Offer, Pair
from attune_fit.data.clinic.tables import Tables
from attune_fit.data.clinic.waiting_clients import find_waiting_clients
from attune_fit.data.journal.applying.applied_journal import AppliedJournal
from attune_fit.data.journal.applying.apply_events import apply_events
from attune_fit.data.journal.applying.settled_tables import list_offers
from attune_fit.data.outcomes.openings import count_openings, list_opening_uses
from tests.data.conftest import OUTCOMES, THERAPISTS, ClinicFolder
from tests.data.journal.event_recorder import EventRecorder, Step, step

OFFER = step("offered", "cat", "tom", on="2026-06-10", until="2026-06-20")
ACCEPT = step("accepted", "cat", "tom", on="2026-06-11")
START = step("started", "cat", "tom", on="2026-06-12")
SCORE = step("score_recorded", "cat", "tom", on="2026-06-14", session=2, instrument="WAI-SR", score=4.5)
DAN = step("client_added", "dan", cells={"age": "40", "gender": "man"})


ANN_WISH = "ann,gender,woman,must\n"
WARDS = """client_id,age,gender,lgbtq,phq9,referred_on,ward
ann,34,woman,no,12,2026-05-01,
ben,51,man,,7,2026-05-02,c
cat,27,woman,yes,,2026-05-20,c
"""


def apply_to_new(folder: ClinicFolder, steps: tuple[Step, ...], *changes: tuple[str, str, str]) -> AppliedJournal:
    """Record events on the first export, change its files, and apply the events to the new export."""
    recorder = EventRecorder.open(folder)
    recorder.record(*steps)
    for name, old, new in changes:
        folder.put(name, new) if old == "" else folder.change(name, old, new)
    return apply_events(Clinic.open(folder.folder), folder.read(), recorder.events)


def find_cell(tables: Tables, column: str, one: str) -> object:
    """Return a cell of a client or therapist; None where it is unknown."""
    for frame, key in ((tables.clients, "client_id"), (tables.therapists, "therapist_id")):
        cells = frame.loc[frame[key] == one, column] if column in frame else frame.iloc[:0]
        if len(cells):
            return None if pd.isna(cells.iloc[0]) else cells.iloc[0]
    raise AssertionError(f"{one} is in no table")


def list_wishes(tables: Tables) -> set[tuple[str, ...]]:
    return set(map(tuple, tables.preferences.to_numpy().tolist()))


def list_settled(applied: AppliedJournal) -> list[tuple[int, str, str, str]]:
    return [(one.number, one.cell, one.taken, one.why) for one in applied.settled]


class CellCase(NamedTuple):
    """Events, the changes of the files after them, and the cells that hold."""

    steps: tuple[Step, ...]
    changes: tuple[tuple[str, str, str], ...]
    cells: dict[tuple[str, str], object]  # (column, id) to cell
    settled: tuple[tuple[int, str, str, str], ...] = ()
    pending: tuple[int, ...] = ()


AGE = step("client_changed", "ann", cells={"age": "35", "phq9": ""})
CELL_CASES: dict[str, CellCase] = {
    "the export is the old one": CellCase((AGE,), (), {("age", "ann"): 35, ("phq9", "ann"): None}, pending=(1, 1)),
    "the export has the event": CellCase(
        (AGE,), (("clients.csv", "ann,34,woman,no,12", "ann,35,woman,no,"),),
        {("age", "ann"): 35, ("phq9", "ann"): None},
    ),
    "the export has another cell": CellCase(
        (AGE,), (("clients.csv", "ann,34", "ann,36"),), {("age", "ann"): 36, ("phq9", "ann"): None},
        ((1, "clients.age", "export", "export-changed"),), (1,),
    ),
    "an added client is in the export": CellCase(
        (DAN,), (("clients.csv", "cat,27", "dan,41,,,3,2026-06-01\ncat,27"),),
        {("age", "dan"): 41, ("gender", "dan"): "man", ("phq9", "dan"): 3},
        ((1, "clients.age", "export", "export-changed"),), (1,),
    ),
    "an added client is not in the export": CellCase((DAN,), (), {("age", "dan"): 40}, pending=(1,)),
    "a client is gone": CellCase(
        (AGE,), (("clients.csv", "ann,34,woman,no,12,2026-05-01,\n", ""), ("preferences.csv", ANN_WISH, "")),
        {("age", "ben"): 51}, ((1, "client_changed", "neither", "person-gone"),),
    ),
    "a column is gone": CellCase(
        (step("client_changed", "ann", cells={"age": "35", "ward": "c"}),),
        (("clients.csv", "ward", "building"), ("clinic.toml", "", "[clinic]\nas_of = 2026-06-15\n")),
        {("age", "ann"): 35}, ((1, "clients.ward", "neither", "column-gone"),), (1,),
    ),
    "a column is of another kind": CellCase(
        (step("client_changed", "ann", cells={"ward": "c"}),),
        (("clients.csv", ",c\n", ",7\n"), ("clinic.toml", 'kind = "code"', 'kind = "number"')), {("ward", "ann"): None},
        ((1, "clients.ward", "neither", "column-of-another-kind"),),
    ),
    "a check of a roster row": CellCase(
        (step("roster_checked", "", "tom", openings=1, cells={"languages": "english"}),),
        (("therapists.csv", "english|spanish", "english|dutch"),),
        {("open_slots", "tom"): 1, ("languages", "tom"): "english|dutch"},
        ((1, "therapists.languages", "export", "export-changed"),), (1,),
    ),
    "openings of an earlier day": CellCase(
        (step("opening_set", None, "tom", openings=5, on="2026-06-10"),),
        (("therapists.csv", "spanish,2,2026-06-01", "spanish,1,2026-06-09"),), {("open_slots", "tom"): 5}, pending=(1,),
    ),
    "openings of a later day": CellCase(
        (step("opening_set", None, "tom", openings=5, on="2026-06-10"),),
        (("therapists.csv", "spanish,2,2026-06-01", "spanish,1,2026-06-11"),), {("open_slots", "tom"): 1},
        ((1, "roster", "export", "export-checked-later"),),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CELL_CASES)
def test_cells_of_a_new_export(name: str, clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("clients.csv", WARDS)
    clinic_folder.add('[tables.clients.columns]\nward = { from = "ward", kind = "code" }\n')
    case = CELL_CASES[name]
    applied = apply_to_new(clinic_folder, case.steps, *case.changes)
    assert {(column, one): find_cell(applied.tables, column, one) for column, one in case.cells} == case.cells
    assert tuple(list_settled(applied)) == case.settled
    assert tuple(one.number for one in applied.pending) == case.pending
    assert {(one.taken, one.why) for one in applied.pending} <= {("journal", "export-not-updated")}


class WishCase(NamedTuple):
    """Events about wishes, the new preferences, and the wishes of ann that hold."""

    steps: tuple[Step, ...]
    rows: str
    wishes: set[tuple[str, str, str]]
    settled: tuple[tuple[int, str, str, str], ...] = ()


PREFER = step("wish_set", "ann", attribute="gender", value="woman", strength="prefer")
WITHDRAW = step("wish_withdrawn", "ann", attribute="gender")
AVOID_TOM = step("wish_set", "ann", attribute="therapist_id", value="tom", strength="avoid")
WISH_CASES = {
    "the old export": WishCase((PREFER,), "ann,gender,woman,must", {("gender", "woman", "prefer")}),
    "the export has the event": WishCase((PREFER,), "ann,gender,woman,prefer", {("gender", "woman", "prefer")}),
    "the export has another strength": WishCase(
        (PREFER,), "ann,gender,woman,never", {("gender", "woman", "never")},
        ((1, "wish gender=woman", "export", "export-changed"),),
    ),
    "the export has two strengths": WishCase(
        (PREFER,), "ann,gender,woman,never\nann,gender,woman,avoid",
        {("gender", "woman", "never"), ("gender", "woman", "avoid")},
        ((1, "wish gender=woman", "export", "export-changed"),),
    ),
    "a new wish": WishCase(
        (AVOID_TOM,), "ann,gender,woman,must", {("gender", "woman", "must"), ("therapist_id", "tom", "avoid")}
    ),
    "withdrawn": WishCase((WITHDRAW,), "ann,gender,woman,must", set()),
    "withdrawn, and a new one in the export": WishCase(
        (WITHDRAW,), "ann,gender,woman,must\nann,gender,man,must", {("gender", "man", "must")}
    ),
    "withdrawn and set again": WishCase((WITHDRAW, PREFER), "ann,gender,woman,must", {("gender", "woman", "prefer")}),
    "withdrawn in both": WishCase((WITHDRAW,), "ben,age,30-50,prefer", set()),
}  # fmt: skip


@pytest.mark.parametrize("name", WISH_CASES)
def test_wishes_of_a_new_export(name: str, clinic_folder: ClinicFolder) -> None:
    case = WISH_CASES[name]
    rows = f"client_id,attribute,value,strength\n{case.rows}\n"
    applied = apply_to_new(clinic_folder, case.steps, ("preferences.csv", "", rows))
    assert {one[1:] for one in list_wishes(applied.tables) if one[0] == "ann"} == case.wishes
    assert tuple(list_settled(applied)) == case.settled


def test_a_wish_about_a_therapist_who_left_is_still_one(clinic_folder: ClinicFolder) -> None:
    """It is in the codes that reading gives such a wish, so a withdrawal of it finds it too."""
    steps = (step("wish_set", "ann", attribute="therapist_id", value="tom", strength="must"),)
    change = ("therapists.csv", "", THERAPISTS.replace("tom,", "zoe,"))
    applied = apply_to_new(clinic_folder, steps, change, ("outcomes.csv", "ann,tom", "ann,zoe"))
    assert ("ann", "therapist_id", "not on the roster", "must") in list_wishes(applied.tables)
    withdrawn = step("wish_withdrawn", "ann", attribute="therapist_id", value="tom")
    clinic_folder.put("therapists.csv", THERAPISTS).change("outcomes.csv", "ann,zoe", "ann,tom")
    clinic_folder.put("preferences.csv", "client_id,attribute,value,strength\nann,therapist_id,tom,must\n")
    rows = "client_id,attribute,value,strength\nann,therapist_id,not on the roster,must\n"
    applied = apply_to_new(
        clinic_folder, (withdrawn,), change, ("outcomes.csv", "ann,tom", "ann,zoe"), ("preferences.csv", "", rows)
    )
    assert list_wishes(applied.tables) == set()


@pytest.mark.parametrize("strength", ["must", "avoid"])
def test_a_wish_about_a_column_that_is_gone_sets_aside(clinic_folder: ClinicFolder, strength: str) -> None:
    clinic_folder.put("therapists.csv", "therapist_id,house\ntom,north\nuna,south\n")
    clinic_folder.add('[tables.therapists.columns]\nhouse = { from = "house", kind = "code" }\n')
    wish = step("wish_set", "ann", attribute="house", value="north", strength=strength)
    toml = ("clinic.toml", "", "[clinic]\nas_of = 2026-06-15\n")
    applied = apply_to_new(
        clinic_folder,
        (wish,),
        toml,
        ("therapists.csv", "", "therapist_id\ntom\nuna\n"),
    )
    assert list_settled(applied) == [(1, "wish house=north", "neither", "column-gone")]
    assert not any(one[1] == "house" for one in list_wishes(applied.tables))
    assert applied.tables.list_set_aside("clients") == ({"ann"} if strength == "must" else set())
    assert [fault.sets_aside for fault in applied.tables.warnings if fault.table == "journal"] == [
        ("ann",) if strength == "must" else ()
    ]


class RecordCase(NamedTuple):
    """Events of cat and tom, rows that the new export has of them, and what is listed."""

    steps: tuple[Step, ...]
    rows: str
    n_rows: int
    settled: tuple[tuple[int, str, str, str], ...] = ()
    offers: tuple[Offer, ...] = ()


HELD = Offer("cat", "tom", "accepted", None)
DAY = dt.date(2026, 6, 20)
SCORED = "cat,tom,2,2026-06-14,WAI-SR,client,4.5"
RECORD_CASES = {
    "nothing new": RecordCase((OFFER, ACCEPT), "", 0, offers=(HELD,)),
    "the export shows the start": RecordCase(
        (OFFER, ACCEPT), "cat,tom,1,2026-06-12,WAI-SR,client,4", 1, ((2, "offer", "export", "export-has-start"),)
    ),
    "the export shows a start with another": RecordCase(
        (OFFER,), "cat,una,1,2026-06-12,WAI-SR,client,4", 1, ((1, "offer", "export", "export-has-start"),)
    ),
    "a record of the day of the offer is no start": RecordCase(
        (OFFER, ACCEPT), "cat,tom,1,2026-06-10,,,", 1, offers=(HELD,)
    ),
    "therapy with another goes on": RecordCase(
        (step("score_recorded", "ann", "tom", on="2026-06-14", session=4, instrument="WAI-SR", score=4.5), OFFER),
        "cat,una,1,2026-06-09,,,\ncat,una,2,2026-06-15,,,", 2, offers=(Offer("cat", "tom", "offered", DAY),),
    ),
    "the start is in the export": RecordCase((START,), "cat,tom,1,2026-06-12,,,", 1),
    "the start is not in the export": RecordCase((START,), "", 1),
    "the score is in the export": RecordCase((START, SCORE), SCORED, 2),
    "the score is in the export, of another day": RecordCase(
        (START, SCORE), SCORED.replace("06-14", "06-13"), 2
    ),
    "the export has another score": RecordCase(
        (START, SCORE), SCORED.replace("4.5", "3.5"), 2, ((2, "outcomes.score", "export", "export-has-score"),)
    ),
    "the export has the form without a score": RecordCase((START, SCORE), "cat,tom,2,2026-06-14,WAI-SR,client,", 3),
    "the export has a score by another rater": RecordCase((START, SCORE), SCORED.replace("client", "therapist"), 3),
    "the export has a score of another session": RecordCase(
        (START, SCORE), "cat,tom,3,2026-06-15,WAI-SR,client,3.5", 3
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", RECORD_CASES)
def test_records_of_a_new_export(name: str, clinic_folder: ClinicFolder) -> None:
    case = RECORD_CASES[name]
    rows = f"{OUTCOMES}{case.rows}\n"
    applied = apply_to_new(clinic_folder, case.steps, ("outcomes.csv", "", rows))
    outcomes = applied.tables.outcomes
    assert (outcomes["client_id"] == "cat").sum() == case.n_rows
    assert tuple(list_settled(applied)) == case.settled
    assert applied.tables.pair_states.offers == case.offers


def test_a_conflict_stays_and_is_in_the_tables_once(clinic_folder: ClinicFolder) -> None:
    conflict = step("conflict_set", "cat", "tom", reason="related")
    assert len(apply_to_new(clinic_folder, (conflict,)).tables.conflicts) == 1
    rows = "client_id,therapist_id,reason\ncat,tom,colleague\n"
    applied = apply_to_new(clinic_folder, (conflict,), ("conflicts.csv", "", rows))
    assert applied.tables.conflicts.to_numpy().tolist() == [["cat", "tom", "colleague"]]


def test_a_start_of_a_client_who_is_gone_still_uses_its_opening(clinic_folder: ClinicFolder) -> None:
    steps = (OFFER, ACCEPT, START)
    applied = apply_to_new(clinic_folder, steps, ("clients.csv", "cat,27,woman,yes,,2026-05-20\n", ""))
    tables = applied.tables
    assert [one.why for one in applied.settled] == ["person-gone"] * 3
    assert dict(zip(tables.therapists["therapist_id"], count_openings(tables), strict=True)) == {"tom": 1, "una": 0}
    assert not tables.pair_states.offers
    assert "cat" not in tables.met_client_ids


def test_a_client_who_started_with_a_therapist_who_left_does_not_wait(clinic_folder: ClinicFolder) -> None:
    change = ("therapists.csv", "tom,", "zoe,"), ("outcomes.csv", "ann,tom", "ann,zoe")
    applied = apply_to_new(clinic_folder, (START,), *change)
    assert list_settled(applied) == [(1, "started", "neither", "person-gone")]
    assert not len(find_waiting_clients(Clinic.open(clinic_folder.folder), applied.tables))


def test_events_of_forgotten_people_are_not_applied_and_their_starts_use_openings(clinic_folder: ClinicFolder) -> None:
    """Two clients who started with one therapist and were forgotten are still two."""
    clinic_folder.change("clients.csv", "cat,27", "dan,28,woman,yes,,2026-05-20\ncat,27")
    recorder = EventRecorder.open(clinic_folder)
    recorder.record(START, START._replace(client="dan"), AVOID_TOM)
    events = [one.__class__(**{**vars(one), "client_id": None}) for one in recorder.events[:2]]
    wish = recorder.events[2].__class__(**{**vars(recorder.events[2]), "therapist_id": None})
    applied = apply_events(recorder.clinic, recorder.export, [*events, wish])
    assert {one.why for one in applied.settled} == {"person-forgotten"}
    assert list_opening_uses(applied.tables)["tom"].used == 2
    assert not (applied.tables.preferences["attribute"] == "therapist_id").any()


class DayCase(NamedTuple):
    """The roster row of tom in the first and the new export, events, and the openings then."""

    first: str
    steps: tuple[Step, ...]
    new: str
    openings: float


TODAY = step("started", "cat", "tom")
SET_TODAY = step("opening_set", None, "tom", openings=2)
DAY_CASES = {
    "start after the check": DayCase("2,2026-06-01", (TODAY,), "2,2026-06-01", 1),
    "start on the day of the check, export unchanged": DayCase("2,2026-06-15", (TODAY,), "2,2026-06-15", 1),
    "start on the day of the check, export changed": DayCase("2,2026-06-15", (TODAY,), "1,2026-06-15", 1),
    "start before a check of the export on the same day": DayCase("2,2026-06-01", (TODAY,), "1,2026-06-15", 1),
    "start after a check of the journal that day": DayCase("3,2026-06-01", (SET_TODAY, TODAY), "3,2026-06-01", 1),
    "start before a check of the journal that day": DayCase("3,2026-06-01", (TODAY, SET_TODAY), "3,2026-06-01", 2),
    "start after a check of the journal, which the export has": DayCase(
        "3,2026-06-01", (SET_TODAY, TODAY), "2,2026-06-15", 1
    ),
    "start of a row without a date, unchanged": DayCase("2,", (TODAY,), "2,", 1),
    "start of a row without a date, changed": DayCase("2,", (TODAY,), "1,", 1),
    "start of a row without a date, that now has one": DayCase("2,", (TODAY,), "2,2026-06-10", 1),
    "start of a row that lost its date": DayCase("2,2026-06-01", (TODAY,), "2,", 1),
    "start of a row that lost its date, checked in the journal": DayCase("3,2026-06-01", (SET_TODAY, TODAY), "3,", 2),
    "start recorded after a later check": DayCase("2,2026-06-14", (START,), "2,2026-06-14", 2),
    "start of a pair that had ended": DayCase(
        "2,2026-06-13",
        (START, step("ended", "cat", "tom", on="2026-06-12", reason="completed"), START._replace(on="2026-06-14")),
        "2,2026-06-13", 1,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DAY_CASES)
def test_a_start_uses_an_opening_by_day_and_by_order(name: str, clinic_folder: ClinicFolder) -> None:
    case = DAY_CASES[name]
    clinic_folder.put("therapists.csv", f"therapist_id,open_slots,updated_on\ntom,{case.first}\nuna,0,2026-06-01\n")
    roster = f"therapist_id,open_slots,updated_on\ntom,{case.new}\nuna,0,2026-06-01\n"
    tables = apply_to_new(clinic_folder, case.steps, ("therapists.csv", "", roster)).tables
    openings = dict(zip(tables.therapists["therapist_id"], count_openings(tables), strict=True))
    assert openings["tom"] == case.openings


def test_offers_hold_openings_until_they_expire(clinic_folder: ClinicFolder) -> None:
    recorder = EventRecorder.open(clinic_folder)
    expiring = step("offered", "cat", "tom", on="2026-06-10", until="2026-06-14")
    recorder.record(expiring, step("offered", "ben", "tom"))
    states = recorder.state.tables.pair_states
    assert [offer[:3] for offer in states.expired] == [("cat", "tom", "offered")]
    assert [offer[:3] for offer in states.offers] == [("ben", "tom", "offered")]
    assert list_offers(recorder.events, (), recorder.export.as_of) == states.offers
    assert list_offers(recorder.events, {2}, recorder.export.as_of) == ()
    recorder.record(ACCEPT)
    assert Pair("cat", "tom") in {offer[:2] for offer in recorder.state.tables.pair_states.offers}


def test_an_unknown_number_of_openings_stays_unknown(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("therapists.csv", "therapist_id,updated_on\ntom,2026-06-01\nuna,2026-06-01\n")
    assert np.isnan(count_openings(apply_to_new(clinic_folder, (OFFER,)).tables)).all()


def test_a_start_ends_every_other_offer_of_the_client(clinic_folder: ClinicFolder) -> None:
    clinic_folder.change("therapists.csv", "english,0", "english,2")
    recorder = EventRecorder.open(clinic_folder)
    recorder.record(OFFER, step("offered", "cat", "una"), step("offered", "ann", "una"))
    assert len(recorder.state.tables.pair_states.offers) == 3
    recorder.record(START)
    assert [offer[:2] for offer in recorder.state.tables.pair_states.offers] == [("ann", "una")]


def test_a_client_who_no_longer_seeks_therapy_waits_again_with_a_new_offer(clinic_folder: ClinicFolder) -> None:
    recorder = EventRecorder.open(clinic_folder)
    leave = step("declined", "cat", "una", by="client", reason="no-longer-seeks-therapy")
    recorder.record(leave)
    assert recorder.state.tables.pair_states.withdrawn == {"cat"}
    recorder.record(OFFER)
    assert not recorder.state.tables.pair_states.withdrawn


def test_a_pair_that_starts_again_is_in_therapy(clinic_folder: ClinicFolder) -> None:
    recorder = EventRecorder.open(clinic_folder)
    recorder.record(START, step("ended", "cat", "tom", reason="completed"))
    assert recorder.state.tables.pair_states.ended == {("cat", "tom")}
    recorder.record(step("started", "cat", "tom"))
    assert not recorder.state.tables.pair_states.ended
