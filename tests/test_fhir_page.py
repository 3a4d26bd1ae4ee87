"""The section about FHIR of docs/your-clinic.md: its examples are read, and its table lists what the preset fills."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from attune_fit.data.reading.presets.fhir import client_table, preference_table, therapist_table, visit_table
from attune_fit.workspace import Workspace
from tests.data.reading.fhir_clinic import (
    build_concept,
    build_encounter,
    build_patient,
    build_practitioner,
    write_ndjson,
)

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "your-clinic.md").read_text(encoding="utf-8")
FHIR = re.split(r"^## ", PAGE.partition("## FHIR\n")[2], flags=re.MULTILINE)[0]
TOML, WISH = (re.findall(rf"```{kind}\n(.*?)```", FHIR, re.DOTALL)[0] for kind in ("toml", "json"))


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Return a clinic with the examples of the page."""
    (tmp_path / "export").mkdir()
    kinds = [[build_concept("1", name)] for name in ("Blood test", "Psychotherapy")]
    visits = [build_encounter(f"e{n}", "8", "t", f"2026-05-0{n + 1}", type=kind) for n, kind in enumerate(kinds)]
    people = [build_patient("7"), build_patient("8"), build_practitioner("t"), build_practitioner("u", gender="male")]
    write_ndjson(tmp_path / "export", [*people, *visits, json.loads(WISH)])
    (tmp_path / "panels.csv").write_text("npi,payer\nt,Acme\nt,Other\n")
    (tmp_path / "clinic.toml").write_text(f"[clinic]\nas_of = 2026-06-15\n{TOML}")
    return Workspace(tmp_path)


def test_the_examples_are_read(workspace: Workspace) -> None:
    tables = workspace.tables
    assert tables.therapists.set_index("therapist_id")["payers"]["t"] == "acme|other"
    assert tables.outcomes["session"].to_list() == [1]
    assert not [fault for fault in tables.warnings if fault.sets_aside]
    ranked = workspace.rank("7").to_frame()
    assert ranked["therapist_id"][ranked["status"] == "ranked"].to_list() == ["t"]


def test_the_table_lists_every_column_that_the_preset_fills() -> None:
    cells = [row.rsplit("|", 2)[1] for row in FHIR.splitlines() if row.startswith("|")]
    listed = {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}
    filled = {
        *client_table.COLUMNS,
        *therapist_table.COLUMNS,
        *visit_table.COLUMNS,
        *preference_table.COLUMNS,
    }
    assert listed == filled
