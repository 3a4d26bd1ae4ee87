"""What changes under an open page: the model, the export, the settings of the clinic."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from starlette.testclient import TestClient

from attune_fit.workspace import Workspace, open_clinic

SEEN = re.compile(r'name="seen" value="(\d+)"')


def find_pair(workspace: Workspace) -> tuple[str, str]:
    """Return a client who waits and the first therapist of the list."""
    return next((entry.client_id, entry.first) for entry in workspace.worklist().result if entry.first)


def offer(desk: TestClient, client: str, therapist: str) -> int:
    page = desk.get(f"/clients/{client}/decide?t={therapist}").text
    found = SEEN.search(page)
    form = {"t": therapist, "seen": found.group(1) if found else "0"}
    return desk.post(f"/clients/{client}/offer", data=form).status_code


def drop_row(clinic: Path, table: str, person: str) -> None:
    """Write a table without one person, as a new export has it."""
    file = clinic / f"{table}.csv"
    frame = pd.read_csv(file, dtype="str", keep_default_na=False)
    frame[frame[f"{table.removesuffix('s')}_id"] != person].to_csv(file, index=False)


@pytest.mark.parametrize("table", ["clients", "therapists"])
def test_an_export_without_the_person_of_an_open_page_refuses_the_offer(
    table: str, clinic: Path, workspace: Workspace, desk: TestClient
) -> None:
    client, therapist = find_pair(workspace)
    assert desk.get(f"/clients/{client}/shortlist").status_code == 200
    drop_row(clinic, table, client if table == "clients" else therapist)
    answer = desk.post(f"/clients/{client}/offer", data={"t": therapist, "seen": "0"})
    assert answer.status_code in (404, 422)
    assert "Traceback" not in answer.text
    assert not open_clinic(clinic).journal_events


def test_settings_that_cannot_be_read_are_a_clear_page_until_they_are_corrected(
    clinic: Path, workspace: Workspace, desk: TestClient
) -> None:
    client, therapist = find_pair(workspace)
    settings = clinic / "clinic.toml"
    before = settings.read_text(encoding="utf-8")
    settings.write_text(f"{before}\n[rank\n", encoding="utf-8")
    for path in ("/today", f"/clients/{client}/shortlist"):
        answer = desk.get(path)
        assert answer.status_code in (422, 503)
        assert "clinic.toml" in answer.text
    settings.write_text(before, encoding="utf-8")
    assert offer(desk, client, therapist) == 200
    assert [event.type for event in open_clinic(clinic).journal_events] == ["offered"]


def test_a_model_that_is_promoted_while_serving_ranks_the_next_page(
    clinic: Path, workspace: Workspace, desk: TestClient, untracked: None
) -> None:
    client, _ = find_pair(workspace)
    before = desk.get(f"/clients/{client}/shortlist?format=json").json()["bundle"]
    other = open_clinic(clinic)
    other.train()
    bundle = other.models().to_dict()["bundles"][-1]
    if other.model.bundle != bundle:
        other.promote(bundle, "a test")
    after = desk.get(f"/clients/{client}/shortlist?format=json").json()["bundle"]
    assert before != after == bundle
    assert bundle in desk.get("/model").text
