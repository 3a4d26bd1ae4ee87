"""First mappings of exports: every preset has a folder whose lines come out right, and other people's files too."""

import tomllib
from pathlib import Path

import pytest

import attune_fit as af
from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.faults import DataFault
from attune_fit.data.guessing.export_survey import read_exports
from attune_fit.data.reading.presets.preset_list import PRESETS
from attune_fit.data.reading.read_clinic import list_faults
from attune_fit.first_mapping import write_first_mapping
from benchmarks.first_mapping import __main__ as program
from benchmarks.first_mapping.line_scores import list_faults as list_wrong_lines
from benchmarks.first_mapping.line_scores import score_mapping
from tests.data.guessing.export_folders import (
    GOLDEN,
    STAFF,
    copy_golden,
    get_section,
    list_headers,
    make_mapping,
    write_numbered_rows,
    write_rows,
)

FOLDERS = {  # a folder of the measure for each preset
    "redcap": "redcap_trial",
    "qualtrics": "qualtrics_lab",
    "limesurvey": "limesurvey_practice",
    "google_forms": "student_counselling",
    "microsoft_forms": "forms_quebec",
    "fhir": "fhir_server",
}
REDCAP = sorted(path.name for path in (GOLDEN / "redcap").iterdir() if path.is_dir())
QUALTRICS = sorted(path.name for path in (GOLDEN / "qualtrics").glob("*.csv"))
MONKEY = [
    ["Respondent ID", "Collector ID", "Date Created", "Date Modified", "IP Address", "Email Address", "Client code",
     "How old are you?", "What is your gender?", "Which languages do you speak?", ""],
    ["", "", "", "", "", "", "Open-Ended Response", "Open-Ended Response", "Response", "English", "Spanish"],
]  # fmt: skip


def write_monkey(folder: Path) -> None:
    write_rows(folder / "staff.csv", STAFF)
    write_numbered_rows(
        folder / "intake.csv", MONKEY,
        lambda n: [1000 + n, 7, "05/02/2026 10:00:00", f"05/{n % 28 + 1:02}/2026 10:00:00", "192.0.2.1",
                   "x@example.org", f"c{n}", 20 + n, "Female" if n % 2 else "Male", "English",
                   "Spanish" if n % 3 else ""],
    )  # fmt: skip
    write_numbered_rows(
        folder / "wai.csv", [["client", "therapist", "session", *(f"wai{item}" for item in range(1, 13))]],
        lambda n: [f"c{n}", f"t{n % 6}", 1, *((n + item) % 5 + 1 for item in range(12))],
    )  # fmt: skip


def refuse(folder: Path) -> list[str]:
    """Return the ids of the faults with which a first mapping is refused."""
    with pytest.raises(DataFault) as raised:
        write_first_mapping(folder)
    return [fault.id for fault in raised.value.faults]


@pytest.mark.parametrize("source", FOLDERS)
def test_the_lines_of_an_export_come_out_right(source: str, tmp_path: Path) -> None:
    program.write_folder("clinics", FOLDERS[source], tmp_path)
    write_first_mapping(tmp_path)
    found = tomllib.loads((tmp_path / "clinic.toml").read_text(encoding="utf-8"))
    assert found["tables"]["clients"]["source"] == source
    score = score_mapping(program.read_expected("clinics", FOLDERS[source]), found)
    assert list_wrong_lines(score) == []
    assert len(score.equal) >= 0.9 * score.expected
    assert [fault for fault in list_faults(Clinic.open(tmp_path)) if fault.stops] == []
    clinic = af.open_clinic(tmp_path)
    clinic.rank(clinic.list_client_ids(waiting_only=False)[0])


def test_an_export_of_surveymonkey_comes_out_right(tmp_path: Path) -> None:
    write_monkey(tmp_path)
    mapping = make_mapping(tmp_path)
    clients = get_section(mapping, "clients")
    assert (clients["file"], clients["source"]) == ("intake.csv", "surveymonkey")
    columns = clients["columns"]
    assert columns["client_id"] == "Client code"
    assert columns["age"] == "How old are you?"
    assert columns["gender"]["from"] == "What is your gender?"
    assert columns["languages"] == "Which languages do you speak?"
    assert {"IP Address", "Email Address"} <= list_headers(mapping, "left out", "clients").keys()
    assert get_section(mapping, "outcomes")["instrument"] == "WAI-SR"


def test_every_preset_has_a_folder() -> None:
    assert {*FOLDERS, "surveymonkey"} == set(PRESETS)


@pytest.mark.parametrize("name", REDCAP)
def test_projects_of_other_people_become_clients_or_are_refused(name: str, tmp_path: Path) -> None:
    alone = copy_golden(tmp_path / "alone", GOLDEN / "redcap" / name, has_staff=False)
    assert refuse(alone) == ["tables-not-recognized"]
    assert not (alone / "clinic.toml").exists()
    folder = copy_golden(tmp_path / "with staff", GOLDEN / "redcap" / name, has_staff=True)
    if name == "empty-rows":  # no record
        assert refuse(folder) == ["tables-not-recognized"]
        return
    mapping = make_mapping(folder)
    clients = get_section(mapping, "clients")
    assert (clients["file"], clients["source"]) == ("data.csv", "redcap")
    assert get_section(mapping, "therapists")["file"] == "staff.csv"
    assert "client_id" not in clients["columns"]
    assert mapping.unplaced["dictionary.csv"].startswith("the data dictionary of REDCap")


@pytest.mark.parametrize("name", QUALTRICS)
def test_responses_of_other_people_become_clients(name: str, tmp_path: Path) -> None:
    folder = copy_golden(tmp_path / "clinic", GOLDEN / "qualtrics" / name, has_staff=True)
    mapping = make_mapping(folder)
    assert get_section(mapping, "clients")["source"] == "qualtrics"
    assert "IPAddress" in list_headers(mapping, "left out", "clients")
    assert list_headers(mapping, "filled", "clients")["ResponseId"] == "client_id"


def test_official_resources_become_every_table(tmp_path: Path) -> None:
    folder = copy_golden(tmp_path / "clinic", GOLDEN / "fhir_us_core", has_staff=False)
    mapping = make_mapping(folder)
    for table in ("clients", "therapists", "preferences"):
        assert get_section(mapping, table)["source"] == "fhir"
        assert "file" not in get_section(mapping, table)


def test_who_people_are_is_named_by_header_and_never_shown(tmp_path: Path) -> None:
    program.write_folder("clinics", "forms_quebec", tmp_path)
    write_first_mapping(tmp_path)
    text = (tmp_path / "clinic.toml").read_text(encoding="utf-8")
    assert '# dropped by the preset, because they identify people: "Email", "Name"' in text
    assert "anonymous" not in text


@pytest.mark.parametrize(
    "content", ['{"resourceType": "Patient", "id": ', '{"resourceType": "Observation", "id": "o"}']
)
def test_an_export_that_cannot_be_read_is_named_with_the_reason(content: str, tmp_path: Path) -> None:
    (tmp_path / "export.json").write_text(content)
    survey = read_exports(tmp_path)
    assert all(file.cells.empty for file in survey.files)
    assert survey.unread["export.json"]
