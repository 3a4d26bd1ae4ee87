"""Ratings in first mappings: several files, sessions side by side, sums, words of answers, and other questionnaires."""

from pathlib import Path

import pytest

import attune_fit as af
from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.guessing.answer_words import ANSWER_WORDS
from attune_fit.data.guessing.build_mapping import build_mapping
from attune_fit.data.guessing.guess import Question
from attune_fit.data.reading.read_clinic import list_faults
from attune_fit.first_mapping import write_first_mapping
from tests.data.guessing.test_build_mapping import STAFF, build_rows, write_clinic

AGES = build_rows(lambda n: f"k{n},{20 + n}", "Client ID,Age")


def write_ratings(folder: Path, header: str, cells: str, name: str = "forms.csv") -> Path:
    """Write people, and a file with a row for each client; ``cells`` has {n} for the number of the row."""
    write_clinic(folder, AGES, STAFF)
    rows = build_rows(lambda n: f"k{n},t{n % 8}," + cells.format(n=n, mark=n % 10, high=12 + n), header)
    (folder / name).write_text(rows)
    return folder


def test_files_of_two_instruments_are_parts(tmp_path: Path) -> None:
    folder = write_ratings(tmp_path, "client,therapist,session,SRS1,SRS2,SRS3,SRS4", "1,9,8,{mark},7", "srs.csv")
    rows = build_rows(lambda n: f"k{n},t{n % 8},2,{1 + n % 6}.5", "client,therapist,session,ARM-5 mean")
    (folder / "arm.csv").write_text(rows)
    write_first_mapping(folder)
    parts = Clinic.open(folder).config.tables.outcomes.list_parts()
    instruments = {part.file: getattr(part, "instrument", None) for part in parts}
    assert instruments == {"arm.csv": "ARM-5", "srs.csv": "SRS"}
    assert not [fault for fault in list_faults(Clinic.open(folder)) if fault.stops or fault.sets_aside]
    assert af.open_clinic(folder).tables.outcomes["score"].notna().sum() == 60


def test_sessions_side_by_side_with_their_dates(tmp_path: Path) -> None:
    header = "client,therapist,SRS s1,date s1,SRS s2,date s2,SRS s3,date s3"
    folder = write_ratings(tmp_path, header, "{high},2025-03-01,30,2025-03-08,31,2025-03-15")
    section = write_first_mapping(folder).result.config["tables"]["outcomes"]
    assert section["instrument"] == "SRS"
    assert section["columns"] == {
        "client_id": "client", "therapist_id": "therapist", "measured_on": "date s{session}",
        "score": "SRS s{session}",
    }  # fmt: skip
    assert len(af.open_clinic(folder).tables.outcomes) == 90


@pytest.mark.parametrize(
    ("file", "columns", "instrument"),
    [
        ("SRS ratings.csv", 3, "SRS"),
        ("our srs.csv", 10, "SRS"),
        ("ORS and SRS.csv", 3, None),
        ("WAI or SRS.csv", 3, None),
        ("SRS.csv", 4, None),  # as many columns as the SRS has items
        ("ratings.csv", 3, None),
    ],
)
def test_a_file_or_sheet_names_the_instrument_where_no_header_does(
    file: str, columns: int, instrument: str | None, tmp_path: Path
) -> None:
    header = ",".join(f"s{n}" for n in range(1, columns + 1))
    folder = write_ratings(tmp_path, f"client,therapist,{header}", ",".join(["{high}"] * columns), file)
    section = build_mapping(folder).config["tables"]["outcomes"]
    assert section.get("instrument") == instrument
    assert section["columns"].get("score") == ("s{session}" if instrument else None)


def test_two_columns_for_each_session_are_left_out(tmp_path: Path) -> None:
    folder = write_ratings(tmp_path, "client,therapist,A s1,A s2,A s3,B s1,B s2,B s3", "30,31,32,9,8,7")
    mapping = build_mapping(folder)
    assert "score" not in mapping.config["tables"]["outcomes"]["columns"]
    assert any("A s1 to B s3" in warning for warning in mapping.warnings)


def test_sessions_of_another_questionnaire_are_not_the_score(tmp_path: Path) -> None:
    folder = write_ratings(tmp_path, "client,therapist,ORS s1,ORS s2,ORS s3,SRS s1,SRS s2,SRS s3", "9,8,7,30,31,32")
    assert build_mapping(folder).config["tables"]["outcomes"]["columns"]["score"] == "SRS s{session}"


def test_a_sum_of_items_has_its_factor(tmp_path: Path) -> None:
    folder = write_ratings(tmp_path, "client,therapist,session,WAI-SR total", "1,{high}")
    section = write_first_mapping(folder).result.config["tables"]["outcomes"]
    assert section["columns"]["score"] == {"from": "WAI-SR total", "scale": pytest.approx(1 / 12)}
    scores = af.open_clinic(folder).tables.outcomes["score"]
    assert scores.max() == pytest.approx(41 / 12)


def test_a_total_without_its_form_is_asked_about(tmp_path: Path) -> None:
    folder = write_ratings(tmp_path, "client,therapist,session,WAI total", "1,{high}")
    asked: list[Question] = []

    def answer(question: Question) -> str | None:
        asked.append(question)
        return question.choices[0] if "WAI total" in question.text else None

    assert "score" not in build_mapping(folder).config["tables"]["outcomes"]["columns"]
    section = build_mapping(folder, answer).config["tables"]["outcomes"]
    assert section["instrument"] == "WAI-SR"
    assert section["columns"]["score"]["scale"] == pytest.approx(1 / 12)
    (question,) = [one for one in asked if "WAI total" in one.text]
    assert question.choices == ("WAI-SR as a sum (12-60)", "WAI-S as a sum (12-84)")


@pytest.mark.parametrize("header", ["PHQ-9 total", "ORS", "CORE-10 score", "OQ45 total"])
def test_the_total_of_another_questionnaire_is_no_alliance(header: str, tmp_path: Path) -> None:
    folder = write_ratings(tmp_path, f"client,therapist,session,{header}", "1,{mark}")
    asked: list[str] = []

    def answer(question: Question) -> str | None:
        asked.append(question.text)
        return question.choices[0] if question.choices else None

    assert "score" not in build_mapping(folder, answer).config["tables"].get("outcomes", {}).get("columns", {})
    assert not [text for text in asked if header in text]


@pytest.mark.parametrize("letter", ["s", "w"])
def test_sessions_are_no_items_of_a_form_that_begins_alike(letter: str, tmp_path: Path) -> None:
    n_columns = {"s": 4, "w": 12}[letter]
    header = ",".join(("client", "therapist", *(f"{letter}{number}" for number in range(1, n_columns + 1))))
    folder = write_ratings(tmp_path, header, ",".join(["4"] * n_columns))
    assert "items" not in build_mapping(folder).config["tables"]["outcomes"]


def test_the_rating_of_the_therapist_is_not_that_of_the_client(tmp_path: Path) -> None:
    folder = write_ratings(tmp_path, "client,therapist,session,WAI-SR therapist,WAI-SR client", "1,4,3")
    section = build_mapping(folder).config["tables"]["outcomes"]
    assert (section["columns"]["score"], section["rater"]) == ("WAI-SR client", "client")


def test_the_words_of_the_answers_show_the_form(tmp_path: Path) -> None:
    words = ANSWER_WORDS[0].words
    header = ",".join(("client", "therapist", "session", *(f"How was it? [{item}]" for item in range(1, 13))))
    write_clinic(tmp_path, AGES, STAFF)
    rows = build_rows(lambda n: f"k{n},t{n % 8},1," + ",".join(words[(n + item) % 5] for item in range(12)), header)
    (tmp_path / "forms.csv").write_text(rows)
    section = write_first_mapping(tmp_path).result.config["tables"]["outcomes"]
    assert section["instrument"] == "WAI-SR"
    assert section["items"] == "How was it? [{}]"
    assert section["item_codes"] == {word: number for number, word in enumerate(words, 1)}
    assert af.open_clinic(tmp_path).tables.outcomes["score"].notna().all()


def test_scales_in_another_language_are_no_totals(tmp_path: Path) -> None:
    header = "client,therapist,session,WAI-SR Ziele,WAI-SR Aufgaben,WAI-SR Bindung"
    folder = write_ratings(tmp_path, header, "1,3.5,4,2.25")
    columns = build_mapping(folder).config["tables"]["outcomes"]["columns"]
    assert (columns["goal"], columns["task"], columns["bond"]) == tuple(header.split(",")[3:])
    assert "score" not in columns
