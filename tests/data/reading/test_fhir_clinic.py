"""A made-up clinic of FHIR resources goes from `check` to a ranking."""

from __future__ import annotations

from pathlib import Path

import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.reading.read_clinic import read_mapping
from tests.conftest import Attune
from tests.data.reading.fhir_clinic import FhirFolder, list_clinic, write_bundle


@pytest.fixture(params=["ndjson", "bundle"])
def folder(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Return the clinic, as a bulk export and as one Bundle."""
    clinic = FhirFolder(tmp_path)
    if request.param == "ndjson":
        clinic.put(*list_clinic())
    else:
        write_bundle(tmp_path / "clinic.json", list_clinic())
    return tmp_path


def test_check_shows_the_mapping_and_rank_ranks(folder: Path, attune: Attune) -> None:
    shown = attune("check", folder, "--show-mapping")
    assert shown.exit_code == 0, shown.output
    assert "No errors, no warnings." in shown.output
    assert "Patient.birthDate" in shown.output
    assert "Patient.name" in shown.output  # left out, because it identifies people
    assert "Zzyzx" not in shown.output
    ranked = attune("rank", folder, "--client", "c01")
    assert ranked.exit_code == 0, ranked.output
    assert "2 available, 2 ruled out" in ranked.output


def test_who_waits_has_met_nobody_and_is_in_use(folder: Path, attune: Attune) -> None:
    listed = attune("rank", folder, "--waiting", "--json")
    assert listed.exit_code == 0, listed.output
    assert [f"c{number:02}" in listed.output for number in range(1, 13)] == [True] * 8 + [False] * 4


def test_the_mapping_counts_every_cell(folder: Path) -> None:
    readings = {one.table: one for one in read_mapping(Clinic.open(folder))}
    counts = {one.column: one.cells.read for one in readings["clients"].headers}
    assert counts["client_id"] == counts["region"] == counts["payer"] == 10
    assert counts["phq9"] == 8
    assert {one.column: one.cells.read for one in readings["outcomes"].headers}["score"] == 1
    assert readings["clients"].source == "fhir"
