"""Further headers of each language, and dates whose form another column shows."""

from pathlib import Path

import pytest

from attune_fit.data.guessing.build_mapping import build_mapping
from attune_fit.data.guessing.guess import Question
from tests.data.guessing.test_build_mapping import build_rows


def test_a_date_that_shows_its_form_is_read_next_to_one_that_does_not(tmp_path: Path) -> None:
    clients = build_rows(
        lambda n: f"k{n};2024-03-{n % 28 + 1:02};0{n % 9 + 1}/0{n % 8 + 1}/2024", "Client;Referred;Intake"
    )
    (tmp_path / "a.csv").write_text(clients)
    (tmp_path / "b.csv").write_text(build_rows(lambda n: f"t{n};{n}", "Therapist;Openings", 8))
    columns = build_mapping(tmp_path).config["tables"]["clients"]["columns"]
    assert columns["referred_on"] == "Referred"
    assert "intake_on" not in columns


def test_a_column_without_a_use_settles_the_order_of_days_and_months(tmp_path: Path) -> None:
    rows = build_rows(
        lambda n: f"k{n};0{n % 9 + 1}/0{n % 8 + 1}/2024;{n % 12 + 13}/05/2023", "Client;Referred;Last letter"
    )
    (tmp_path / "a.csv").write_text(rows)
    (tmp_path / "b.csv").write_text(build_rows(lambda n: f"t{n};{n}", "Therapist;Openings", 8))
    clients = build_mapping(tmp_path).config["tables"]["clients"]
    assert (clients["columns"]["referred_on"], clients["dates"]) == ("Referred", "%d/%m/%Y")


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("Pt DOB", "age"),
        ("How will you be paying?", "payer"),
        ("Kostentr\u00e4ger Name", "payer"),
        ("Obra social", "payer"),
    ],
)
def test_a_usual_header_is_known(header: str, column: str, tmp_path: Path) -> None:
    cells = {"age": "1980-05-{:02}", "payer": "plan {}"}[column]
    (tmp_path / "a.csv").write_text(build_rows(lambda n: f"k{n};{cells.format(n % 3 + 11)}", f"Client;{header}"))
    (tmp_path / "b.csv").write_text(build_rows(lambda n: f"t{n};{n}", "Therapist;Openings", 8))
    assert column in build_mapping(tmp_path).config["tables"]["clients"]["columns"]


def test_a_word_that_means_much_else_is_asked_about(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(build_rows(lambda n: f"k{n};{'xy'[n % 2]};{20 + n}", "Client;Level;Age"))
    (tmp_path / "b.csv").write_text(build_rows(lambda n: f"t{n};{n}", "Therapist;Openings", 8))
    asked: list[Question] = []
    mapping = build_mapping(tmp_path, lambda question: asked.append(question))
    assert "priority" not in mapping.config["tables"]["clients"]["columns"]
    assert any("Level" in question.text for question in asked)
