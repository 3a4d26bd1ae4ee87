"""The priority of a client, and what an offer keeps of its list: recorded, checked, and without effect on any list."""

from __future__ import annotations

from pathlib import Path

import pytest

import attune_fit as af
from attune_fit.data.clinic.columns import PRIORITIES, PRIORITY
from tests.attune_fit.journal_day import CLIENT, THERAPIST, ids
from tests.conftest import Attune


@pytest.mark.parametrize("typed", [*PRIORITIES, " Urgent "])
def test_a_priority_is_set_by_an_event(clinic: Path, typed: str) -> None:
    workspace = af.open_clinic(clinic)
    workspace.record("client_changed", client=CLIENT, cells={PRIORITY: typed})
    assert workspace.client(CLIENT).result.priority == typed.strip().lower()
    workspace.record("client_changed", client=CLIENT, cells={PRIORITY: ""})
    assert workspace.client(CLIENT).result.priority is None


def test_another_code_is_refused_by_an_event_and_is_a_warning_in_a_file(clinic: Path) -> None:
    with pytest.raises(af.DataFault, match="urgent"):
        af.open_clinic(clinic).record("client_changed", client=CLIENT, cells={PRIORITY: "very"}, new_codes=True)
    lines = (clinic / "clients.csv").read_text().splitlines()
    cells = [PRIORITY, *("soon" for _ in lines[2:]), "very"]
    (clinic / "clients.csv").write_text("".join(f"{line},{cell}\n" for line, cell in zip(lines, cells, strict=True)))
    tables = af.open_clinic(clinic).tables
    assert tables.clients[PRIORITY].value_counts().to_dict() == {"soon": len(lines) - 2}
    assert [fault.column for fault in tables.warnings if fault.column == PRIORITY] == [PRIORITY]


def test_a_priority_changes_no_list_of_therapists(clinic: Path) -> None:
    workspace = af.open_clinic(clinic)
    clients = workspace.list_client_ids(waiting_only=True)[:6]
    before = [workspace.rank(one).to_frame() for one in clients]
    workspace.record_all([
        {"event": "client_changed", "client": one, "cells": {PRIORITY: "urgent"}} for one in clients
    ])  # fmt: skip
    for one, frame in zip(clients, before, strict=True):
        assert workspace.rank(one).to_frame().equals(frame)


def test_an_offer_keeps_its_place_band_line_and_reason(clinic: Path, attune: Attune) -> None:
    fields = {"rank": 2, "band": 1, "line": 7, "override": "caseload"}
    options = [word for name, value in fields.items() for word in (f"--{name}", value)]
    shown = attune("record", clinic, "offered", "--client", CLIENT, "--therapist", THERAPIST, *options)
    assert shown.exit_code == 0, shown.stderr
    [event] = af.open_clinic(clinic).journal_events
    assert {name: event.fields[name] for name in fields} == fields
    assert "rank 2, band 1, line 7, override caseload" in shown.stdout


def test_an_offer_without_them_is_stored_as_before(clinic: Path) -> None:
    workspace = af.open_clinic(clinic)
    workspace.record("offered", client=CLIENT, therapist=THERAPIST)
    assert list(workspace.journal_events[0].fields) == ["until"]


def test_a_place_that_is_none_is_refused(clinic: Path) -> None:
    with pytest.raises(af.DataFault) as error:
        af.open_clinic(clinic).record(
            "offered", client=CLIENT, therapist=THERAPIST, rank=0, band="first", line=1.5, override="why not"
        )
    assert sorted(ids(error)) == [
        "event-code-unknown", "event-not-a-number", "event-not-a-whole-number", "event-not-a-whole-number",
    ]  # fmt: skip
