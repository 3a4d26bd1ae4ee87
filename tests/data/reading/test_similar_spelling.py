"""Similar spellings: one word typed in two ways is found, and two words are not taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune_fit.data.reading.checks.similar_spelling import find_misspelling, find_misspellings, suggest_code

SAME = [
    ("bcsb", "bcbs"),
    ("plan_a", "plan a"),
    ("in-person", "in person"),
    ("espanol", "español"),
    ("depresion", "depression"),
    ("depressoin", "depression"),
    ("eating disorder", "eating disorders"),
    ("eatnig disorders", "eating disorders"),
    ("tues-am", "tue-am"),
    ("enlgish", "english"),
    ("nenglish", "nengliish"),
]
DIFFERENT = [
    ("mon-am", "mon-pm"),
    ("mon-am", "sun-am"),
    ("plan a", "plan b"),
    ("region 1", "region 2"),
    ("1-2", "12"),
    ("18-64", "18-65"),
    ("man", "men"),
    ("male", "female"),
    ("medicare", "medicaid"),
    ("north", "south"),
    ("north east", "north west"),
    ("ma", "me"),
    ("add", "adhd"),
    ("+", "-"),
    ("thirty", "dirty"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_two_spellings_of_a_word_are_found_in_both_directions(one: str, other: str) -> None:
    assert find_misspelling(one, ["zebra", other]) == other
    assert find_misspelling(other, ["zebra", one]) == one


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_two_words_are_not_one(one: str, other: str) -> None:
    assert find_misspelling(one, [other]) is None
    assert find_misspelling(other, [one]) is None


def test_a_code_is_no_misspelling_of_itself() -> None:
    assert find_misspelling("grief", ["grief"]) is None


@given(st.lists(st.text("abcd é-1", max_size=6), max_size=6), st.lists(st.text("abcd é-1", max_size=6), max_size=6))
def test_the_fast_search_finds_what_comparing_all_finds(codes: list[str], known: list[str]) -> None:
    plain = {code: found for code in codes if (found := find_misspelling(code, sorted(set(known)))) is not None}
    assert find_misspellings(codes, known) == plain


@pytest.mark.parametrize(
    ("code", "known", "suggestion"),
    [
        ("aetna gold", ["aetna", "public"], "aetna"),
        ("english (uk)", ["english"], "english"),
        ("blue corss blue shild", ["blue cross blue shield"], "blue cross blue shield"),
        ("bcsb", ["bcbs"], "bcbs"),
        ("mon-am", ["mon-pm", "tue-am"], None),
        ("plan a", ["plan b"], None),
        ("north east", ["north west"], None),
        ("medicaid", ["medicare"], None),
    ],
)
def test_a_suggestion_is_looser_and_still_no_other_word(code: str, known: list[str], suggestion: str | None) -> None:
    assert suggest_code(code, known) == suggestion
