"""Answers to items as words, or in a survey tool's own numbers, are read by `item_codes`."""

import pytest

from tests.office_files.small_clinic import SmallClinic

WORDS = ["Seldom", "Sometimes", "Fairly Often", "Very Often", "Always"]
ITEM_CODES = 'item_codes = { Seldom = 1, Sometimes = 2, "Fairly Often" = 3, "Very Often" = 4, Always = 5 }'
TOML = '[tables.outcomes]\ninstrument = "WAI-SR"\nitems = "wai{}"\nrater = "client"\n'
PAIRS = [("c01", "t1"), ("c02", "t2"), ("c03", "t1"), ("c04", "t2")]


def put_forms(clinic: SmallClinic, answers: list[list[str]], toml: str = "") -> SmallClinic:
    """Write one form of twelve items for each pair."""
    header = ["client_id", "therapist_id", "session", "measured_on", *(f"wai{item}" for item in range(1, 13))]
    rows = [[*pair, "3", "2026-05-21", *row] for pair, row in zip(PAIRS, answers, strict=False)]
    return clinic.put_table("outcomes", [header, *rows]).add_toml(TOML + toml)


def list_answers(first: int) -> list[int]:
    """Return twelve answers, counted up from ``first``; 1 follows 5."""
    return [(first - 1 + item) % 5 + 1 for item in range(12)]


FORMS = [list_answers(first) for first in (2, 3, 4, 5)]
MEANS = {pair: sum(form) / 12 for pair, form in zip(PAIRS, FORMS, strict=True)}


def test_words_are_scored(small_clinic: SmallClinic) -> None:
    put_forms(small_clinic, [[WORDS[answer - 1] for answer in form] for form in FORMS], ITEM_CODES)
    assert small_clinic.compute_alliance() == pytest.approx(MEANS)
    assert MEANS["c01", "t1"] == pytest.approx((2 + 3 + 4 + 5 + 1 + 2 + 3 + 4 + 5 + 1 + 2 + 3) / 12)
    assert small_clinic.list_faults() == []


def test_words_without_item_codes_are_one_error(small_clinic: SmallClinic) -> None:
    put_forms(small_clinic, [[WORDS[answer - 1] for answer in form] for form in FORMS])
    [fault] = [fault for fault in small_clinic.list_faults() if fault.stops]
    assert fault.table == "outcomes"
    assert "item_codes" in str(fault)
    assert "Fairly" not in str(fault)  # no answer of the file is in the message


def test_words_in_another_case_and_with_spaces(small_clinic: SmallClinic) -> None:
    forms = [[f" {WORDS[answer - 1].upper()} " for answer in form] for form in FORMS]
    assert put_forms(small_clinic, forms, ITEM_CODES).compute_alliance() == pytest.approx(MEANS)


def test_numbers_of_a_survey_tool_are_translated(small_clinic: SmallClinic) -> None:
    shift = 5  # the tool writes 6 to 10
    codes = ", ".join(f"{answer + shift} = {answer}" for answer in range(1, 6))
    forms = [[str(answer + shift) for answer in form] for form in FORMS]
    assert put_forms(small_clinic, forms, f"item_codes = {{ {codes} }}").compute_alliance() == pytest.approx(MEANS)
    assert small_clinic.list_faults() == []


def test_numbers_in_the_opposite_order(small_clinic: SmallClinic) -> None:
    codes = ", ".join(f"{6 - answer} = {answer}" for answer in range(1, 6))
    forms = [[f"{6 - answer}.0" for answer in form] for form in FORMS]
    assert put_forms(small_clinic, forms, f"item_codes = {{ {codes} }}").compute_alliance() == pytest.approx(MEANS)


def test_a_word_that_is_not_listed_is_one_odd_cell(small_clinic: SmallClinic) -> None:
    forms = [[WORDS[answer - 1] for answer in form] for form in FORMS]
    forms[1][4], forms[1][5], forms[2][7] = "Refused", "Both", "Refused"
    put_forms(small_clinic, forms, ITEM_CODES)
    fault = small_clinic.find_fault("outcomes", "wai1 to wai12")
    assert (fault.kind, fault.rows) == ("warning", (3, 4))
    assert "Refused" not in str(fault)
    alliance = small_clinic.compute_alliance()
    assert alliance["c01", "t1"] == pytest.approx(MEANS["c01", "t1"])
    assert set(alliance) == set(MEANS)  # ten of twelve answers are enough


def test_a_code_without_a_value_is_a_missing_answer(small_clinic: SmallClinic) -> None:
    forms = [[WORDS[answer - 1] for answer in form] for form in FORMS]
    forms[1][4] = "Prefer not to say"
    put_forms(small_clinic, forms, f'missing = ["prefer not to say"]\n{ITEM_CODES}')
    assert set(small_clinic.compute_alliance()) == set(MEANS)
    assert [fault.id for fault in small_clinic.find_faults("outcomes")] == ["incomplete-form"]


def test_a_value_outside_the_range_of_an_item_is_an_error(small_clinic: SmallClinic) -> None:
    forms = [[WORDS[answer - 1] for answer in form] for form in FORMS]
    put_forms(small_clinic, forms, ITEM_CODES.replace("Always = 5", "Always = 7"))
    [fault] = [fault for fault in small_clinic.list_faults() if fault.stops]
    assert (fault.table, fault.rows) == ("outcomes", (2, 3, 4, 5))
