"""Questions of a first mapping: wishes, the first id that waits, and the day of an export."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.guessing.build_mapping import build_mapping
from attune_fit.data.guessing.guess import Ask, Question
from attune_fit.data.reading.read_clinic import read_tables
from attune_fit.first_mapping import write_first_mapping
from tests.data.guessing.test_build_mapping import STAFF, build_rows, write_clinic


def answer_in_turn(part: str, answers: list[str], asked: list[Question]) -> Ask:
    """Answer questions with this part one after another, and no others; keep all in ``asked``."""

    def answer(question: Question) -> str | None:
        asked.append(question)
        return answers.pop(0) if part in question.text and answers else None

    return answer


def test_a_wish_about_an_unclear_column_is_asked_with_the_columns_of_therapists(tmp_path: Path) -> None:
    clients = build_rows(lambda n: f"k{n},{'calm' if n % 2 else 'lively'} (must)", "Client ID,Therapist wish")
    staff = build_rows(
        lambda n: f"t{n},{40 + n},{'FM'[n % 2]},{'English' if n % 2 else 'Spanish'}", "Therapist ID,Age,Sex,Speaks", 8
    )
    folder = write_clinic(tmp_path, clients, staff)
    asked: list[Question] = []
    wish = build_mapping(folder, answer_in_turn("Which column of therapists", ["sex", "Languages"], asked)).config[
        "tables"
    ]["preferences"]["wishes"][0]
    assert wish == {"column": "Therapist wish", "attribute": "languages"}
    questions = [question for question in asked if "Which column of therapists" in question.text]
    assert [question.choices for question in questions] == [("age", "gender", "languages")] * 2
    assert questions[1].text.startswith("That is none of these columns.")


@pytest.mark.parametrize("header", ["Therapist wish", "Therapist gender"])
def test_words_of_wishes_are_read_as_the_codes_of_the_column(header: str, tmp_path: Path) -> None:
    words = ("female", "male", "Female only", "no preference", "woman")
    clients = build_rows(lambda n: f"k{n},{words[n % 5]}", f"Client ID,{header}")
    staff = build_rows(lambda n: f"t{n},{40 + n},{'FM'[n % 2]}", "Therapist ID,Age,Sex", 20)
    folder = write_clinic(tmp_path, clients, staff)
    asked: list[Question] = []
    write_first_mapping(folder, answer_in_turn("How strong", ["must"], asked))
    wishes = read_tables(Clinic.open(folder)).preferences
    assert set(wishes["attribute"]) == {"gender"}
    assert wishes["value"].value_counts().to_dict() == {"woman": 18, "man": 6}


def write_old_clinic(folder: Path, day: Callable[[int], str]) -> Path:
    return write_clinic(folder, build_rows(lambda n: f"k{n},{day(n)}", "Client ID,Referral date"), STAFF)


@pytest.mark.parametrize(
    ("answers", "meant"),
    [
        (["12/31/2025"], dt.date(2025, 12, 31)),
        (["2025-12-31"], dt.date(2025, 12, 31)),
        (["soon", "31.12.2025", "12/31/2999", "12/31/2025"], dt.date(2025, 12, 31)),
        (["soon"], dt.date(2025, 5, 28)),
    ],
)
def test_the_day_of_the_export_is_read_in_the_form_of_the_file(
    answers: list[str], meant: dt.date, tmp_path: Path
) -> None:
    folder = write_old_clinic(tmp_path, lambda n: f"05/{n % 28 + 1:02}/2025")
    asked: list[Question] = []
    mapping = build_mapping(folder, answer_in_turn("exported", answers, asked))
    assert mapping.config["clinic"]["as_of"] == meant
    question = next(question for question in asked if "exported" in question.text)
    assert "`Referral date` in intake.csv" in question.text


def test_a_date_after_today_is_never_the_day_of_the_export(tmp_path: Path) -> None:
    mapping = build_mapping(
        write_old_clinic(tmp_path, lambda n: "2999-01-31" if n == 3 else f"2025-05-{n % 28 + 1:02}")
    )
    assert mapping.config["clinic"]["as_of"] == dt.date(2025, 5, 28)
    assert any("the latest date is under `Referral date` in intake.csv" in warning for warning in mapping.warnings)


def test_the_first_id_that_waits_is_asked_only_of_numbered_ids(tmp_path: Path) -> None:
    asked: list[Question] = []
    folder = write_clinic(tmp_path, build_rows(lambda n: f"k{n},{20 + n}", "Client ID,Age"), STAFF)
    mapping = build_mapping(folder, answer_in_turn("do clients wait", ["k99", "everyone", "K7"], asked))
    assert mapping.config["waiting"] == {"where": {"column": "client_id", "from": "k7"}}
    assert sum("do clients wait" in question.text for question in asked) == 3
    asked.clear()
    names = build_rows(lambda n: f"{chr(97 + n % 26)}{'xyz'[n % 3]}{n}q,{20 + n}", "Client ID,Age")
    mapping = build_mapping(write_clinic(tmp_path, names, STAFF), answer_in_turn("do clients wait", ["ax0q"], asked))
    assert not [question for question in asked if "do clients wait" in question.text]
    assert "waiting" not in mapping.config
