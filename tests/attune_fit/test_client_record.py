"""The record of one client: as the tables and the journal have the client now, and as it was after an event."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import attune_fit as af
from attune_fit.client_record import OTHER_STATES
from attune_fit.data.command_words import format_word
from attune_fit.matching.day_lists.client_states import WAITING_STATES
from tests.attune_fit.journal_day import CLIENT, THERAPIST, ids
from tests.conftest import Attune


def test_the_state_follows_the_events(clinic: Path) -> None:
    workspace = af.open_clinic(clinic)
    states = [workspace.client(CLIENT).result.state]
    steps: tuple[tuple[str, dict[str, Any]], ...] = (
        ("offered", {}), ("accepted", {}), ("started", {}), ("ended", {"reason": "completed"}),
    )  # fmt: skip
    for event, values in steps:
        workspace.record(event, client=CLIENT, therapist=THERAPIST, **values)
        states.append(workspace.client(CLIENT).result.state)
    assert states == ["waiting", "offered", "accepted", "in therapy", "ended"]
    workspace.record("offered", client="c0067", therapist="t07", until="2026-01-01", on="2026-01-01")
    workspace.record("declined", client="c0067", therapist="t05", by="client", reason="no-longer-seeks-therapy")
    assert workspace.client("c0067").result.state == "withdrawn"
    assert {*states, "withdrawn"} <= WAITING_STATES.keys() | OTHER_STATES.keys()


def test_every_state_of_the_waiting_list_is_the_same_here(clinic: Path) -> None:
    workspace = af.open_clinic(clinic)
    workspace.record("offered", client=CLIENT, therapist=THERAPIST)
    listed = {one.client_id: (one.state, one.days_waited) for one in workspace.waiting_list().result.clients}
    records = [workspace.client(client_id).result for client_id in listed]
    assert {one.client_id: (one.state, one.days_waited) for one in records} == listed


def test_cells_and_wishes_are_those_with_the_events(clinic: Path) -> None:
    workspace = af.open_clinic(clinic)
    before = workspace.client(CLIENT).result
    workspace.record("client_changed", client=CLIENT, cells={"priority": "Urgent", "formats": "video|phone", "age": 41},
                     new_codes=True)  # fmt: skip
    workspace.record("wish_set", client=CLIENT, attribute="gender", value="man", strength="never")
    workspace.record("client_changed", client=CLIENT, cells={"payer": ""})
    workspace.record("opening_set", therapist="t07", openings=2)
    after = workspace.client(CLIENT).result
    assert (before.priority, before.version, after.priority, after.version) == (None, 0, "urgent", 3)
    assert {name for name in after.cells if after.cells[name] != before.cells[name]} == {
        "priority", "formats", "age", "payer",
    }  # fmt: skip
    assert (after.cells["formats"], after.cells["age"], after.cells["payer"]) == (("video", "phone"), 41.0, None)
    assert set(after.wishes) - set(before.wishes) == {("gender", "man", "never")}
    assert [row.event.number for row in after.events] == [1, 2, 3]
    assert af.open_clinic(clinic, 1).client(CLIENT).result.version == 1


def test_the_version_is_what_an_event_expects(clinic: Path) -> None:
    workspace = af.open_clinic(clinic)
    workspace.record("client_changed", client=CLIENT, cells={"age": 41})
    seen = workspace.client(CLIENT).result.version
    workspace.record("client_changed", client=CLIENT, cells={"age": 42}, expected=seen)
    with pytest.raises(af.DataFault) as error:
        workspace.record("client_changed", client=CLIENT, cells={"age": 43}, expected=seen)
    assert ids(error) == ["changed-by-someone-else"]


def test_what_cannot_be_read_is_named_and_sets_the_client_aside(clinic: Path) -> None:
    lines = [line.split(",") for line in (clinic / "clients.csv").read_text().splitlines()]
    place = lines[0].index("age")
    lines = [[*cells[:place], "old", *cells[place + 1 :]] if cells[0] == CLIENT else cells for cells in lines]
    (clinic / "clients.csv").write_text("".join(",".join(cells) + "\n" for cells in lines))
    with (clinic / "preferences.csv").open("a") as file:
        file.write(f"{CLIENT},shoe size,large,must\n")
    result = af.open_clinic(clinic).client(CLIENT)
    assert (result.result.state, result.result.unreadable) == ("set aside", ("age",))
    assert result.result.cells["age"] is None
    assert CLIENT in result.set_aside[0]


def test_the_frame_has_known_cells_and_wishes(clinic: Path) -> None:
    result = af.open_clinic(clinic).client(CLIENT)
    frame, one = result.to_frame(), result.result
    assert len(frame) == sum(cell is not None for cell in one.cells.values()) + len(one.wishes)
    assert set(frame["kind"]) <= {"cell", "wish"}
    assert frame["strength"].notna().sum() == len(one.wishes)


def test_the_command_shows_the_client_and_the_json_of_the_verb(clinic: Path, attune: Attune) -> None:
    workspace = af.open_clinic(clinic)
    workspace.record("client_changed", client=CLIENT, cells={"priority": "soon"}, actor="ana")
    shown = attune("client", clinic, "--client", CLIENT)
    assert shown.exit_code == 0
    assert shown.stdout.startswith(f"{CLIENT}: waiting since ")
    assert "priority soon" in shown.stdout
    assert "client_changed" in shown.stdout
    assert f"Next: attune rank {format_word(clinic)} --client {CLIENT}" in shown.stdout
    assert (
        json.loads(attune("client", clinic, "--client", CLIENT, "--json").stdout) == workspace.client(CLIENT).to_dict()
    )
    assert attune("client", clinic, "--client", "c9999").exit_code == 1


def test_therapies_are_those_of_the_roster_and_old_records_leave_them_open(clinic: Path) -> None:
    workspace = af.open_clinic(clinic)
    workspace.record("started", client=CLIENT, therapist=THERAPIST)
    outcomes, therapies = workspace.tables.outcomes, {}
    for client_id in workspace.list_client_ids(waiting_only=False):
        for one in workspace.client(client_id).result.therapies:
            therapies[client_id, one.therapist_id] = one.is_current
            own = (outcomes["client_id"] == client_id) & (outcomes["therapist_id"] == one.therapist_id)
            assert one.last_on == outcomes.loc[own, "measured_on"].max().date()
    rows = [workspace.therapist(one).result for one in workspace.tables.therapists["therapist_id"]]
    expected = {(client_id, row.row.therapist_id): True for row in rows for client_id in row.clients}
    expected |= {(client_id, row.row.therapist_id): False for row in rows for client_id in row.unclear}
    assert therapies == expected
    assert set(therapies.values()) == {True, False}
    assert json.loads(json.dumps(workspace.client("c0060").to_dict()["therapies"], default=str)) == [
        {"therapist_id": "t08", "last_on": str(workspace.client("c0060").result.therapies[0].last_on),
         "is_current": False}
    ]  # fmt: skip
