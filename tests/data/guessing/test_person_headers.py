"""A form without ids: the header that identifies each client is asked, and without an answer the error has the line."""

from __future__ import annotations

from pathlib import Path

import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.faults import DataFault
from attune_fit.data.guessing.guess import Question
from attune_fit.data.reading.read_clinic import read_tables
from attune_fit.first_mapping import write_first_mapping
from tests.data.guessing.export_folders import STAFF, write_numbered_rows, write_rows

HEADERS = ("Timestamp", "Email Address", "Your name", "Age", "Gender", "What brings you here?")


@pytest.fixture
def form(tmp_path: Path) -> Path:
    """A folder with an intake form of Google Forms without ids, and a roster."""
    write_numbered_rows(
        tmp_path / "intake.csv",
        [HEADERS],
        lambda n: (f"2026/05/{n % 28 + 1:02} 9:10:11 AM EST", f"p{n}@example.org", f"Pat {n}", 20 + n, "FM"[n % 2],
                   "Anxiety;Depression" if n % 2 else "Trauma"),
    )  # fmt: skip
    write_rows(tmp_path / "staff.csv", STAFF)
    return tmp_path


def test_the_header_of_the_ids_is_asked_and_the_rest_is_guessed(form: Path) -> None:
    asked: list[Question] = []

    def answer(question: Question) -> str | None:
        asked.append(question)
        return "Your name" if "identifies each client" in question.text else None

    mapping = write_first_mapping(form, answer).result
    (question,) = [one for one in asked if "identifies each" in one.text]
    assert (question.place, question.choices) == ("intake.csv", ("Email Address", "Your name"))
    section = mapping.config["tables"]["clients"]
    assert (section["source"], section["columns"]["client_id"], section["columns"]["age"]) == (
        "google_forms", "Your name", "Age",
    )  # fmt: skip
    assert len(read_tables(Clinic.open(form)).clients) == 30


def test_without_an_answer_the_error_has_the_line_that_reads_the_form(form: Path) -> None:
    with pytest.raises(DataFault) as raised:
        write_first_mapping(form)
    (fault,) = raised.value.faults
    assert fault.id == "tables-not-recognized"
    assert "`Email Address` or `Your name`" in fault.fix
    assert not (form / "clinic.toml").exists()
    line = next(part for part in fault.fix.split("`") if part.startswith("tables.clients"))
    staff = 'tables.therapists = { file = "staff.csv", columns = { therapist_id = "Therapist ID" } }\n'
    (form / "clinic.toml").write_text(f"{line}\n{staff}")
    assert set(read_tables(Clinic.open(form)).clients["client_id"]) == {
        f"p{number}@example.org" for number in range(30)
    }


def test_a_form_of_ratings_is_no_list_of_therapists(form: Path) -> None:
    (form / "staff.csv").unlink()
    (form / "intake.csv").write_text((form / "intake.csv").read_text().replace("Your name", "Client code"))
    items = [f"WAI {number}" for number in range(1, 13)]
    write_numbered_rows(
        form / "alliance.csv",
        [("Timestamp", "Email Address", "Session", *items)],
        lambda n: (f"2026/05/{n % 28 + 1:02} 9:10:11 AM EST", f"p{n}@example.org", 3, *([n % 5 + 1] * 12)),
    )
    with pytest.raises(DataFault) as raised:
        write_first_mapping(form)
    (fault,) = raised.value.faults
    assert fault.says.endswith("one row for each therapist")
    assert "has no header of ids" not in fault.fix


def test_a_form_with_ids_is_not_asked_about(form: Path) -> None:
    intake = (form / "intake.csv").read_text().replace("Your name", "Client code")
    (form / "intake.csv").write_text(intake)
    asked: list[str] = []

    def answer(question: Question) -> None:
        asked.append(question.text)

    mapping = write_first_mapping(form, answer).result
    assert mapping.config["tables"]["clients"]["columns"]["client_id"] == "Client code"
    assert not [text for text in asked if "identifies each" in text]
