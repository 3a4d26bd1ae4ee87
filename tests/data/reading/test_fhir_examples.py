"""The official examples of HL7 US Core, each of which is read, or refused in one sentence."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from attune_fit.data.reading.presets.fhir.fhir_preset import FHIR
from tests.data.reading.fhir_clinic import FhirFolder

EXAMPLES = Path(__file__).resolve().parents[2] / "golden" / "fhir_us_core"
FILES = sorted(path.name for path in EXAMPLES.glob("*.json"))
WITHOUT_PATIENT, WITHOUT_PRACTITIONER = "no file has a Patient", "no file has a Practitioner"
GONE = "every Patient is deceased or not active"
REFUSED = {  # what is missing for a clinic, where a file is all that there is
    **{name: {WITHOUT_PATIENT, WITHOUT_PRACTITIONER} for name in FILES},
    **{name: {WITHOUT_PRACTITIONER} for name in FILES if name.startswith("patient-")},
    **{name: {WITHOUT_PATIENT} for name in FILES if name.lower().startswith("practitioner")},
    "patient-deceased-example.json": {GONE, WITHOUT_PRACTITIONER},
}


@pytest.fixture
def clinic(tmp_path: Path) -> FhirFolder:
    """Return a clinic with all examples."""
    for name in FILES:
        shutil.copy(EXAMPLES / name, tmp_path / name)
    return FhirFolder(tmp_path)


@pytest.mark.parametrize("name", FILES)
def test_each_file_alone_lacks_only_what_it_has_not(tmp_path: Path, name: str) -> None:
    shutil.copy(EXAMPLES / name, tmp_path / name)
    assert FHIR.recognize(tmp_path / name)
    assert {fault.says for fault in FhirFolder(tmp_path).list_faults() if fault.stops} == REFUSED[name]


def test_all_files_together_are_a_clinic(clinic: FhirFolder) -> None:
    tables = clinic.read()
    assert set(tables.clients["client_id"]) == {"child-example", "example", "infant-example"}
    assert set(tables.therapists["therapist_id"]) == {"Practitioner-1011", *(f"practitioner-{n}" for n in (1, 2, 3))}
    assert set(clinic.list_ids()) == {"fhir-kind-not-read", "fhir-preference-free-text", "fhir-without-encounter"}


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("age", 39),
        ("gender", None),  # the example has none
        ("race_ethnicity", "white|american indian or alaska native|asian|hispanic or latino"),
        ("languages", "es"),
        ("region", "ok"),
        ("payer", "acme health plan"),
        ("phq9", 12),
        ("gad7", None),
    ],
)
def test_the_patient_of_the_examples(clinic: FhirFolder, column: str, cell: object) -> None:
    assert clinic.get_client(column, "example") == cell


def test_the_panel_and_the_response_have_the_same_score_and_so_have_the_items_alone(clinic: FhirFolder) -> None:
    (clinic.folder / "QuestionnaireResponse-phq-9-example.json").unlink()
    assert clinic.get_client("phq9", "example") == 12
    for code in ("44249-1", "44261-6"):
        (path,) = clinic.folder.glob(f"Observation-PHQ9-*-example-{code}.json")
        path.unlink()
    assert clinic.get_client("phq9", "example") == 12
    for path in clinic.folder.glob("Observation-PHQ9-item-*.json"):
        path.unlink()
    shutil.copy(EXAMPLES / "QuestionnaireResponse-phq-9-example.json", clinic.folder)
    assert clinic.get_client("phq9", "example") == 12


def test_the_therapist_of_the_bundle(clinic: FhirFolder) -> None:
    cells = {
        name: clinic.get_therapist(name, "Practitioner-1011") for name in ("age", "licensed_regions", "specialties")
    }
    assert cells == {"age": 49, "licensed_regions": "mi", "specialties": "general practice physician"}
    assert clinic.get_therapist("licensed_regions", "practitioner-1") is None  # a number of a kind that is not named


def test_no_name_is_kept(clinic: FhirFolder) -> None:
    tables = clinic.read()
    texts = " ".join(frame.to_csv() for frame in (tables.clients, tables.therapists)) + str(clinic.list_faults())
    assert not [name for name in ("Shaw", "Amy", "Baxter", "Bone", "Richard", "Bach", "555-") if name in texts]
