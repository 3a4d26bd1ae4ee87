"""Traps of first mappings: items that look like totals, parts, dates of contact, and closed therapists."""

from pathlib import Path

import pytest

import attune_fit as af
from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.guessing.build_mapping import build_mapping
from attune_fit.data.guessing.guess import Question
from attune_fit.data.reading.read_clinic import list_faults
from attune_fit.first_mapping import write_first_mapping
from tests.data.guessing.test_build_mapping import STAFF, build_rows, write_clinic

AGES = build_rows(lambda n: f"k{n},{20 + n}", "Client ID,Age")


def test_items_are_a_sum_and_the_last_one_is_no_total(tmp_path: Path) -> None:
    headers = [f"PHQ{item}" for item in range(1, 10)] + [f"gad_{item}" for item in range(1, 8)]
    clients = build_rows(lambda n: f"k{n}," + ",".join([str(n % 4)] * 16), ",".join(("Client ID", *headers)))
    columns = build_mapping(write_clinic(tmp_path, clients, STAFF)).config["tables"]["clients"]["columns"]
    assert columns["phq9"] == {"items": "PHQ{}"}
    assert columns["gad7"] == {"items": "gad_{}"}


def test_items_that_are_coded_from_1_are_not_added_up(tmp_path: Path) -> None:
    headers = [f"PHQ{item}" for item in range(1, 10)]
    clients = build_rows(lambda n: f"k{n}," + ",".join([str(n % 3 + 1)] * 9), ",".join(("Client ID", *headers)))
    mapping = build_mapping(write_clinic(tmp_path, clients, STAFF))
    assert "phq9" not in mapping.config["tables"]["clients"]["columns"]
    (warning,) = [one for one in mapping.warnings if "PHQ1 to PHQ9" in one]
    assert "items, not read" in warning


def test_a_total_after_the_items_is_read(tmp_path: Path) -> None:
    headers = [f"phq_{item}" for item in range(1, 10)] + ["PHQ9 total"]
    clients = build_rows(lambda n: f"k{n}," + ",".join([str(n % 3)] * 10), ",".join(("Client ID", *headers)))
    columns = build_mapping(write_clinic(tmp_path, clients, STAFF)).config["tables"]["clients"]["columns"]
    assert columns["phq9"] == "PHQ9 total"


def test_marks_of_the_srs_are_never_its_total(tmp_path: Path) -> None:
    folder = write_clinic(tmp_path, AGES, STAFF)
    asked: list[Question] = []

    def answer(question: Question) -> str | None:
        asked.append(question)
        return question.choices[0] if question.choices else None

    marks = ("Relationship", "Goals", "Approach/Topics", "Overall")
    for before in ("", "SRS "):
        header = ",".join(("client", "therapist", "session", *(f"{before}{mark}" for mark in marks)))
        (folder / "srs.csv").write_text(build_rows(lambda n: f"k{n},t{n % 8},{n % 3 + 1},9,8,10,{n % 3 + 7}", header))
        mapping = build_mapping(folder, answer)
        columns = mapping.config["tables"]["outcomes"]["columns"]
        assert not {"score", "goal", "task", "bond"} & set(columns)
        assert any(all(f"`{before}{mark}`" in warning for mark in marks) for warning in mapping.warnings)
    assert not [question for question in asked if "srs.csv" in question.place]


def test_the_total_of_the_srs_is_read_without_its_marks(tmp_path: Path) -> None:
    folder = write_clinic(tmp_path, AGES, STAFF)
    header = "client,therapist,session,Relationship,Goals,Approach,Overall,SRS total"
    (folder / "srs.csv").write_text(build_rows(lambda n: f"k{n},t{n % 8},{n % 3 + 1},9,8,10,9,36", header))
    section = build_mapping(folder).config["tables"]["outcomes"]
    assert section["instrument"] == "SRS"
    assert section["columns"]["score"] == "SRS total"
    assert "goal" not in section["columns"]


def test_waits_are_counted_from_the_only_date_of_contact(tmp_path: Path) -> None:
    for header in ("Called on", "Intake date"):
        clients = build_rows(lambda n: f"k{n},2026-05-{n % 28 + 1:02}", f"Client ID,{header}")
        columns = build_mapping(write_clinic(tmp_path, clients, STAFF)).config["tables"]["clients"]["columns"]
        assert columns["referred_on"] == header


def test_of_two_dates_of_contact_the_earlier_is_offered_first(tmp_path: Path) -> None:
    clients = build_rows(lambda n: f"k{n},2026-05-{n % 28 + 1:02},2026-04-{n % 28 + 1:02}",
                         "Client ID,Intake date,Submitted")  # fmt: skip
    folder = write_clinic(tmp_path, clients, STAFF)
    assert any("no wait is known" in warning for warning in build_mapping(folder).warnings)

    def answer(question: Question) -> str | None:
        return question.choices[0] if "first contact" in question.text else None

    assert build_mapping(folder, answer).config["tables"]["clients"]["columns"]["referred_on"] == "Submitted"


@pytest.mark.parametrize(("header", "yes", "no"), [("Accepting new clients?", "Yes", "No"), ("Taking new", "Y", "N")])
def test_a_therapist_who_takes_no_new_clients_is_on_no_list(header: str, yes: str, no: str, tmp_path: Path) -> None:
    staff = build_rows(lambda n: f"t{n},{40 + n},{no if n == 3 else yes}", f"Therapist ID,Age,{header}", 8)
    folder = write_clinic(tmp_path, AGES, staff)
    columns = write_first_mapping(folder).result.config["tables"]["therapists"]["columns"]
    assert columns["open_slots"] == {"from": header, "codes": {no: 0}, "missing": [yes]}
    assert not [fault for fault in list_faults(Clinic.open(folder)) if fault.stops or fault.sets_aside]
    ranking = af.open_clinic(folder).rank("k1").to_frame()
    assert ranking.loc[ranking["rule"] == "open_slots", "therapist_id"].tolist() == ["t3"]
    assert (ranking["status"] == "ranked").sum() == 7


@pytest.mark.parametrize(
    ("header", "marks", "openings"),
    [
        ("Accepting new clients?", ("Yes", "No"), True),
        ("Accepting new clients?", ("x", ""), False),
        ("Closed to new clients", ("Yes", "No"), False),
        ("On leave", ("Yes", "No"), False),
    ],
)
def test_a_column_of_closed_therapists_that_is_not_read_is_a_warning(
    header: str, marks: tuple[str, str], openings: bool, tmp_path: Path
) -> None:
    more = (",Openings", ",2") if openings else ("", "")
    staff = build_rows(lambda n: f"t{n},{40 + n},{marks[n % 2]}{more[1]}", f"Therapist ID,Age,{header}{more[0]}", 8)
    mapping = build_mapping(write_clinic(tmp_path, AGES, staff))
    (warning,) = [one for one in mapping.warnings if f"`{header}` in staff.csv" in one]
    assert "therapists who take no new clients will be on lists" in warning
    assert ("Write 0 under `Openings`" if openings else "Set `open_slots`") in warning


@pytest.mark.parametrize(("header", "most"), [("Open cases", 2), ("New clients this year", 9)])
def test_a_caseload_is_not_who_takes_new_clients(header: str, most: int, tmp_path: Path) -> None:
    staff = build_rows(lambda n: f"t{n},{40 + n},{n % most},2", f"Therapist ID,Age,{header},Openings", 8)
    mapping = build_mapping(write_clinic(tmp_path, AGES, staff))
    assert not [warning for warning in mapping.warnings if "on lists" in warning]


def test_times_of_the_week_are_no_formats(tmp_path: Path) -> None:
    staff = build_rows(lambda n: f"t{n},{40 + n},Mon AM; {'Tue' if n % 2 else 'Wed'} PM", "Therapist ID,Age,Works", 8)
    columns = build_mapping(write_clinic(tmp_path, AGES, staff)).config["tables"]["therapists"]["columns"]
    assert "formats" not in columns
    assert columns["availability"] == {"from": "Works", "split": ";", "times": True}


def test_a_header_of_formats_with_other_words_is_not_sure(tmp_path: Path) -> None:
    staff = build_rows(lambda n: f"t{n},{40 + n},{'part time' if n % 2 else 'full time'}", "Therapist ID,Age,Works", 8)
    columns = build_mapping(write_clinic(tmp_path, AGES, staff)).config["tables"]["therapists"]["columns"]
    assert "formats" not in columns


@pytest.mark.parametrize("header", ["Urgency", "Priority"])
def test_a_line_by_which_most_cells_cannot_be_read_is_left_out(header: str, tmp_path: Path) -> None:
    """Also where the header alone is the name of the column, so that no line is needed to read it."""
    clients = build_rows(lambda n: f"k{n},{20 + n},{'urgent' if n % 3 == 0 else 'sometime'}", f"Client ID,Age,{header}")
    mapping = build_mapping(write_clinic(tmp_path, clients, STAFF))
    (warning,) = [one for one in mapping.warnings if f"`{header}`" in one]
    assert "most of its cells cannot be read so" in warning
    write_first_mapping(tmp_path)
    clinic = Clinic.open(tmp_path)
    assert "priority" not in clinic.config.tables.clients.columns
    assert not [fault for fault in list_faults(clinic) if fault.stops]
