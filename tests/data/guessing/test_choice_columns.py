"""One column for each choice, marks between codes, weekly slots, and openings next to who takes new clients."""

from pathlib import Path

import pytest

import attune_fit as af
from attune_fit.data.guessing.build_mapping import build_mapping
from attune_fit.data.guessing.guess import Question
from attune_fit.first_mapping import write_first_mapping
from tests.data.guessing.test_build_mapping import STAFF, build_rows, write_clinic

AGES = build_rows(lambda n: f"k{n},{20 + n}", "Client ID,Age")


def test_choices_with_words_are_one_set(tmp_path: Path) -> None:
    clients = build_rows(
        lambda n: f"k{n},{'Yes' if n % 2 else 'No'},Yes", "Client ID,Languages [English],Languages [Polish]"
    )
    folder = write_clinic(tmp_path, clients, STAFF)
    columns = write_first_mapping(folder).result.config["tables"]["clients"]["columns"]
    assert columns["languages"] == {"slots": "Languages [*]"}
    assert set(af.open_clinic(folder).tables.clients["languages"]) == {"polish", "english|polish"}


def test_choices_without_words_are_left_out_and_named(tmp_path: Path) -> None:
    clients = build_rows(lambda n: f"k{n},{'YN'[n % 2]},N", "Client ID,Problems[SQ001],Problems[SQ002]")
    mapping = build_mapping(write_clinic(tmp_path, clients, STAFF))
    assert "presenting_problems" not in mapping.config["tables"]["clients"]["columns"]
    assert any("Problems[SQ001] to Problems[SQ002]" in warning for warning in mapping.warnings)


def test_a_mark_between_codes_that_the_other_table_has_alone(tmp_path: Path) -> None:
    clients = build_rows(lambda n: f"k{n},{('Grief', 'Anxiety')[n % 2]}", "Client ID,Problems")
    staff = build_rows(lambda n: f"t{n},Anxiety/Grief", "Therapist ID,Specialties", 8)
    columns = build_mapping(write_clinic(tmp_path, clients, staff)).config["tables"]["therapists"]["columns"]
    assert columns["specialties"] == {"from": "Specialties", "split": "/"}


def test_slots_in_brackets_are_weekly_times_where_the_other_table_has_words(tmp_path: Path) -> None:
    header = "Client ID,Free [Mon AM],Free [Tue PM],Free [Thu eve]"
    clients = build_rows(lambda n: f"k{n},{'x' if n % 2 else ''},x,{'x' if n % 3 else ''}", header)
    staff = build_rows(lambda n: f"t{n},Monday morning; Tuesday PM", "Therapist ID,Hours", 8)
    folder = write_clinic(tmp_path, clients, staff)
    tables = write_first_mapping(folder).result.config["tables"]
    assert tables["clients"]["columns"]["availability"] == {"slots": "Free [*]", "times": True}
    assert tables["therapists"]["columns"]["availability"] == {"from": "Hours", "split": ";", "times": True}
    assert "tue-pm" in af.open_clinic(folder).tables.clients["availability"].iloc[0]


def test_codes_of_attune_stay_codes(tmp_path: Path) -> None:
    clients = build_rows(lambda n: f"k{n},mon-am|tue-pm", "Client ID,Availability")
    staff = build_rows(lambda n: f"t{n},mon-am|tue-pm", "Therapist ID,Availability", 8)
    tables = build_mapping(write_clinic(tmp_path, clients, staff)).config["tables"]
    assert tables["clients"]["columns"]["availability"] == "Availability"


@pytest.mark.parametrize("openings", [(2, 0), (2, 1)])
def test_who_takes_new_clients_is_asked_about_where_openings_differ(openings: tuple[int, int], tmp_path: Path) -> None:
    header = "Therapist ID,Age,Openings,Accepting new clients?"
    staff = build_rows(lambda n: f"t{n},{40 + n},{openings[n % 2]},{('Yes', 'No')[n % 2]}", header, 8)
    folder = write_clinic(tmp_path, AGES, staff)
    asked: list[str] = []

    def answer(question: Question) -> str | None:
        asked.append(question.text)
        return "Accepting new clients?" if "Which of the two counts" in question.text else None

    columns = build_mapping(folder, answer).config["tables"]["therapists"]["columns"]
    if openings == (2, 0):
        assert columns["open_slots"] == "Openings"
        assert asked == [text for text in asked if "counts" not in text]
        assert not [warning for warning in build_mapping(folder).warnings if "Accepting" in warning]
    else:
        assert columns["open_slots"] == {"from": "Accepting new clients?", "codes": {"No": 0}, "missing": ["Yes"]}
        assert [warning for warning in build_mapping(folder).warnings if "Accepting" in warning]


def test_a_rare_word_in_several_wishes_of_one_client_is_not_written(tmp_path: Path) -> None:
    wishes = ("gender", "age", "religion", "language", "approach")
    header = ",".join(("Client ID", *(f"Therapist {name} wish" for name in wishes)))
    clients = build_rows(lambda n: f"k{n}," + ",".join([f"F ({'Zebulon' if n == 3 else 'required'})"] * 5), header)
    asked: list[str] = []

    def answer(question: Question) -> str | None:
        asked.append(question.text)
        return "must" if "Zebulon" in question.text else None

    mapping = build_mapping(write_clinic(tmp_path, clients, STAFF), answer)
    assert "zebulon" not in f"{mapping} {asked}".casefold()
