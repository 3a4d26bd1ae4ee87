"""Cells that an event sets: typed text becomes what a table can hold, in the clinic's codes."""

import datetime as dt
from typing import Any

import pandas as pd
import pytest

from attune_fit.data.clinic.settings import Config
from attune_fit.data.faults import DataFault, Fault
from attune_fit.data.journal.checks.event_values import CellReader
from attune_fit.data.journal.events.event_columns import list_known_codes, list_recordable_columns, list_related_columns
from tests.data.conftest import ClinicFolder
from tests.data.journal.event_recorder import EventRecorder, step

TOML = """
[tables.clients.columns]
payer = { from = "Pays", codes = { P = "public", A = "aetna" }, other = "unknown" }
need = { from = "Priority", kind = "number" }
review_on = { from = "Review", kind = "date" }
ward = { from = "Ward", kind = "code", codes = { b1 = "north ward" } }
groups = { from = "Groups", kind = "set", split = ";" }
[tables.therapists.columns]
wheelchair = { from = "Wheelchair", kind = "code" }
[waiting]
where = { column = "Status", is = "open" }
[fairness]
groups = ["Free text", "gender"]
"""
FREE_TEXTS = [f"text number {number} about someone" for number in range(25)]


@pytest.fixture(scope="module")
def recorder(tmp_path_factory: pytest.TempPathFactory) -> EventRecorder:
    """A clinic with own columns of each kind and 25 clients."""
    folder = ClinicFolder(tmp_path_factory.mktemp("values"))
    rows = "".join(
        f"c{number},{20 + number},{'woman' if number % 2 else 'man'},{'P' if number % 3 else 'A'},{number},"
        f"2026-07-01,b1,art;music,open,{text},Kim {number}\n"
        for number, text in enumerate(FREE_TEXTS)
    )
    folder.put("clients.csv", f"client_id,age,gender,Pays,Priority,Review,Ward,Groups,Status,Free text,Name\n{rows}")
    folder.put("therapists.csv", "therapist_id,gender,payers,specialties,age_groups,Wheelchair\n"
               "tom,man,public|aetna,grief|trauma,18-64,Y\nuna,nonbinary,public,grief,,N\n")  # fmt: skip
    folder.drop("outcomes.csv").drop("preferences.csv").add(TOML)
    return EventRecorder.open(folder)


def read(recorder: EventRecorder, table: str, **cells: Any) -> dict[str, Any] | list[str]:
    """Return the cells, or the ids of the faults."""
    return read_new(recorder, table, cells, new_codes=False)


def read_new(
    recorder: EventRecorder, table: str, cells: dict[str, Any], *, new_codes: bool = True
) -> dict[str, Any] | list[str]:
    """The same for codes that no one has yet."""
    faults: list[Fault] = []
    found = CellReader(recorder.state, table, new_codes).read_cells(cells, faults)
    return [fault.id for fault in faults] or found


@pytest.mark.parametrize(
    ("name", "typed", "stored"),
    [
        ("age", "41", 41),
        ("age", 41.0, 41),
        ("age", " 41.5 ", 41.5),
        ("age", "", None),
        ("age", None, None),
        ("AGE", "1e1", 10),
        ("directiveness_preference", "-0", 0),
        ("gender", " Woman ", "woman"),
        ("gender", "NONBINARY", "nonbinary"),  # a code of the other table
        ("gender", " ", None),
        ("lgbtq", "TRUE", "yes"),
        ("lgbtq", "0", "no"),
        ("payer", "p", "public"),  # the clinic's own code
        ("payer", "Public", "public"),
        ("presenting_problems", "Grief | trauma|grief", "grief|trauma"),
        ("presenting_problems", ["trauma", "grief"], "trauma|grief"),
        ("presenting_problems", "|", None),
        ("referred_on", "2026-06-15", "2026-06-15"),
        ("referred_on", dt.date(2026, 6, 1), "2026-06-01"),
        ("referred_on", pd.Timestamp("2026-06-01"), "2026-06-01"),
        ("need", "1000000", 1000000),
        ("review_on", "2030-01-01", "2030-01-01"),  # an own day can be in the future
        ("ward", "B1", "north ward"),
        ("groups", "music|art", "music|art"),
        ("groups", "Music; art;music", "music|art"),  # as in the clinic's own file
        ("status", "OPEN", "open"),  # a setting uses it
    ],
)
def test_a_cell_of_a_client(recorder: EventRecorder, name: str, typed: Any, stored: Any) -> None:
    found = read(recorder, "clients", **{name: typed})
    assert isinstance(found, dict)
    (cell,) = found.values()
    assert (cell, type(cell)) == (stored, type(stored))


@pytest.mark.parametrize(
    ("name", "typed", "stored"),
    [
        ("age_groups", "18-64|65-", "18-64|65-"),
        ("age_groups", "", None),
        ("wheelchair", "true", "yes"),  # an own column of marks
        ("specialties", "trauma", "trauma"),
        ("problems_not_taken", "grief", "grief"),  # a code of a column that is compared with it
        ("licensed_regions", "", None),
    ],
)
def test_a_cell_of_a_therapist(recorder: EventRecorder, name: str, typed: Any, stored: Any) -> None:
    assert read(recorder, "therapists", **{name: typed}) == {name: stored}


@pytest.mark.parametrize(
    ("name", "typed", "fault"),
    [
        ("age", "41,5", "event-cell-not-a-number"),
        ("age", float("nan"), "event-cell-not-a-number"),
        ("age", "inf", "event-cell-not-a-number"),
        ("age", dt.date(2026, 6, 1), "event-cell-not-a-number"),
        ("need", "high", "event-cell-not-a-number"),
        ("referred_on", "2026-06-31", "event-cell-not-a-day"),
        ("referred_on", "1826-06-01", "event-cell-not-a-day"),
        ("referred_on", 20260601, "event-cell-not-a-day"),
        ("payer", "blue cross", "event-cell-with-new-code"),
        ("payer", "N/A", "event-cell-missing-word"),
        ("presenting_problems", "grief, trauma", "event-cell-not-like-a-code"),
        ("gender", "wman", "event-cell-like-another-code"),
        ("name", "Kim 3", "event-column-not-declared"),
        ("free text", FREE_TEXTS[3], "event-column-not-declared"),  # a setting uses it, and it holds texts
    ],
)
def test_a_cell_that_cannot_be_read(recorder: EventRecorder, name: str, typed: Any, fault: str) -> None:
    assert read(recorder, "clients", **{name: typed}) == [fault]


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("blue cross", "blue cross"),
        ("Plan A+", "plan a+"),
        ("one two three four", ["event-cell-not-like-a-code"]),
        ("x" * 41, ["event-cell-not-like-a-code"]),
        ("blue, cross", ["event-cell-not-like-a-code"]),
        ("publik", ["event-cell-like-another-code"]),
        ("unknown", ["event-cell-missing-word"]),
    ],
)
def test_a_new_code_has_to_look_like_one(recorder: EventRecorder, typed: str, stored: Any) -> None:
    found = read_new(recorder, "clients", {"payer": typed})
    assert found == ({"payer": stored} if isinstance(stored, str) else stored)


def test_a_code_that_the_settings_list_is_known_whatever_it_resembles(clinic_folder: ClinicFolder) -> None:
    clinic_folder.add('[tables.clients.columns]\ngender = { from = "gender", codes = { w = "woman", x = "womyn" } }\n')
    clinic_folder.change("clients.csv", "woman", "w")
    recorder = EventRecorder.open(clinic_folder)
    assert read(recorder, "clients", gender="womyn") == {"gender": "womyn"}
    assert read(recorder, "clients", gender="x") == {"gender": "womyn"}


def test_the_columns_of_an_event_are_those_that_hold_no_names(recorder: EventRecorder) -> None:
    clients = list_recordable_columns(recorder.clinic, recorder.export, "clients")
    own = {name: column.kind for name, column in clients.items() if column.canonical is None}
    assert own == {"need": "number", "review_on": "date", "ward": "code", "groups": "set", "Status": "code"}
    assert "client_id" not in clients
    therapists = list_recordable_columns(recorder.clinic, recorder.export, "therapists")
    assert therapists.keys().isdisjoint({"therapist_id", "open_slots", "updated_on"})
    assert therapists["wheelchair"].kind == "code"


def test_columns_that_are_compared_share_their_codes(recorder: EventRecorder) -> None:
    config = recorder.clinic.config
    assert list_related_columns(config, "clients", "payer") >= {("clients", "payer"), ("therapists", "payers")}
    assert ("therapists", "problems_not_taken") in list_related_columns(config, "therapists", "specialties")
    assert ("therapists", "payers") not in list_related_columns(config, "clients", "region")
    assert list_known_codes(recorder.clinic, recorder.export, "clients", "payer") == {"public", "aetna"}


def test_features_over_one_column_relate_no_columns() -> None:
    pair = {"name": "pair", "client": "hobby", "therapist": "hobbies", "compare": "same"}
    alone = [{"name": name, "therapist": name, "compare": "has", "code": "a"} for name in ("certificates", "approach")]
    config = Config.model_validate({"features": [pair, *alone]})
    related = list_related_columns(config, "therapists", "certificates")
    assert related == {("therapists", "certificates"), ("clients", "certificates")}
    assert ("therapists", "hobbies") in list_related_columns(config, "clients", "hobby")


@pytest.mark.parametrize("name", ["age", "gender", "languages", "referred_on", "presenting_problems"])
def test_an_empty_cell_is_unknown_in_any_column(recorder: EventRecorder, name: str) -> None:
    assert read(recorder, "clients", **{name: ""}) == {name: None}


def test_cells_come_sorted_and_a_fault_leaves_out_only_its_own(recorder: EventRecorder) -> None:
    faults: list[Fault] = []
    found = CellReader(recorder.state, "clients").read_cells({"gender": "man", "age": "x", "Ward": "b1"}, faults)
    assert list(found.items()) == [("gender", "man"), ("ward", "north ward")]
    assert [(fault.id, fault.column) for fault in faults] == [("event-cell-not-a-number", "age")]


@pytest.mark.parametrize(
    ("cells", "question"),
    [
        ({"Status": "opne"}, ""),  # a setting uses it, and it is not declared: its cells could be anything
        ({"gender": "wonan"}, ""),  # only clients have this code
        ({"gender": "nonbinray"}, "Did you mean `nonbinary`?"),  # the roster has it
        ({"ward": "north wrad"}, "Did you mean `north ward`?"),  # `codes` lists it
    ],
)
def test_a_message_names_no_cell_of_a_client(recorder: EventRecorder, cells: dict[str, str], question: str) -> None:
    with pytest.raises(DataFault) as raised:
        recorder.draft(step("client_changed", "c1", cells=cells))
    (fault,) = raised.value.faults
    assert fault.id in ("event-cell-like-another-code", "event-cell-with-new-code")
    assert question in fault.fix
    assert bool(question) == ("Did you mean" in fault.fix)
