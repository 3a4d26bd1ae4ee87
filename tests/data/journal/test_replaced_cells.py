"""Which cells an event replaces, by name and digest."""

from __future__ import annotations

import pytest

from attune_fit.data.journal.applying.cell_settlement import compute_cell_digest
from tests.data.conftest import ClinicFolder
from tests.data.journal.event_recorder import EventRecorder, Step, step

ROSTER: dict[str, object] = {"roster": (2, "2026-06-01")}
TWO_WISHES = "client_id,attribute,value,strength\nann,gender,woman,must\nann,gender,woman,avoid\nann,gender,man,never\n"
CASES: dict[str, tuple[Step, dict[str, object]]] = {
    "cells of a client": (
        step("client_changed", "ann", cells={"age": "35", "phq9": "", "lgbtq": "yes"}),
        {"clients.age": 34, "clients.phq9": 12, "clients.lgbtq": "no"},
    ),
    "an unknown cell": (step("client_changed", "cat", cells={"phq9": "3"}), {"clients.phq9": None}),
    "a new client": (step("client_added", "dan", cells={"age": "30"}), {"clients.age": None}),
    "a check of a row": (
        step("roster_checked", None, "tom", openings=1, cells={"languages": "english"}),
        {"therapists.languages": "english|spanish", **ROSTER},
    ),
    "openings": (step("opening_set", None, "tom", openings=1), ROSTER),
    "a start": (step("started", "cat", "tom"), {**ROSTER, "therapists.updated_on": "2026-06-01"}),
    "an offer": (step("offered", "cat", "tom"), {}),
    "a wish": (
        step("wish_set", "ann", attribute="gender", value="man", strength="must"), {"wish gender=man": "never"}
    ),
    "a wish that is there twice": (
        step("wish_withdrawn", "ann", attribute="gender", value="woman"), {"wish gender=woman": "avoid|must"}
    ),
    "all wishes about a column": (
        step("wish_withdrawn", "ann", attribute="gender"),
        {"wish gender=woman": "avoid|must", "wish gender=man": "never"},
    ),
    "a wish about a therapist": (
        step("wish_set", "ann", attribute="therapist_id", value="tom", strength="must"), {"wish therapist_id": None}
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_an_event_names_the_cells_it_replaces(name: str, clinic_folder: ClinicFolder) -> None:
    recorder = EventRecorder.open(clinic_folder.put("preferences.csv", TWO_WISHES))
    attempt, cells = CASES[name]
    event = recorder.record(attempt)
    assert event.replaced == {cell: compute_cell_digest(value) for cell, value in cells.items()}
