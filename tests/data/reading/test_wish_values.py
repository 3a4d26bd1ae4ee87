"""Wishes: columns such as `F (required)`, and the words of the roster they end up in."""

import pytest

from tests.data.conftest import Handed

WISH = """[[tables.preferences.wishes]]
column = "wish"
attribute = "{attribute}"
strengths = {{ required = "must", preferred = "prefer", NOT = "never" }}
"""


def wished(handed: Handed, cells: list[str], attribute: str = "gender", more: str = "") -> list[tuple[str, ...]]:
    """The wishes read from a column of the clients' file with these cells."""
    rows = "".join(f"{name},{cell}\n" for name, cell in zip(("ann", "ben", "cat"), cells, strict=True))
    handed.put("clients.csv", f"client_id,wish\n{rows}").drop("preferences.csv").drop("outcomes.csv")
    handed.add(WISH.format(attribute=attribute) + more)
    read = handed.read().preferences.sort_values("client_id")
    return list(read.itertuples(index=False, name=None))


def test_wishes_are_read_with_their_strength(handed: Handed) -> None:
    assert wished(handed, ["Woman (required)", "MAN(not)", ""]) == [
        ("ann", "gender", "woman", "must"),
        ("ben", "gender", "man", "never"),
    ]


def test_brackets_inside_a_value_belong_to_it(handed: Handed) -> None:
    handed.change("therapists.csv", "english|spanish", "english|sign (british)")
    assert wished(handed, ["Sign (British) (preferred)", "", ""], "languages") == [
        ("ann", "languages", "sign (british)", "prefer")
    ]


def test_wishes_use_the_codes_of_the_rosters_column(handed: Handed) -> None:
    handed.change("therapists.csv", ",man,", ",2,").change("therapists.csv", ",woman,", ",1,")
    codes = '[tables.therapists.columns]\ngender = { from = "gender", codes = { 1 = "woman", 2 = "man" } }\n'
    assert wished(handed, ["1 (required)", "Man (preferred)", ""], more=codes) == [
        ("ann", "gender", "woman", "must"),
        ("ben", "gender", "man", "prefer"),
    ]


def test_wishes_may_have_codes_of_their_own(handed: Handed) -> None:
    codes = 'codes = { "a lady" = "woman", "a gentleman" = "man" }\n'
    assert wished(handed, ["A lady (required)", "", ""], more=codes) == [("ann", "gender", "woman", "must")]


def test_wishes_of_an_unlisted_code_are_left_out_and_noted(handed: Handed) -> None:
    codes = 'codes = { lady = "woman", sir = "man" }\n'
    assert len(wished(handed, ["lady (required)", "sir (required)", "anyone (preferred)"], more=codes)) == 2
    assert [(note.column, note.rows) for note in handed.read().warnings] == [("wish", (4,))]


def test_a_code_that_stands_for_several_is_no_wish(handed: Handed) -> None:
    codes = 'codes = { lady = "woman", either = ["woman", "man"] }\n'
    assert len(wished(handed, ["lady (required)", "lady (preferred)", "either (preferred)"], more=codes)) == 2
    assert [(note.column, note.rows) for note in handed.read().warnings] == [("wish", (4,))]


def test_wishes_for_numbers_are_spans(handed: Handed) -> None:
    assert wished(handed, ["40-60 (preferred)", ">=30 (required)", ""], "age") == [
        ("ann", "age", "40-60", "prefer"),
        ("ben", "age", ">=30", "must"),
    ]


def test_a_wish_for_one_therapist_finds_the_id_in_any_case(handed: Handed) -> None:
    handed.change("therapists.csv", "tom", "Tom")
    assert wished(handed, ["TOM (required)", "", ""], "therapist_id") == [("ann", "therapist_id", "Tom", "must")]


@pytest.mark.parametrize("attribute", ["Gender", "Field Of Work"])
def test_the_attribute_is_found_in_any_case(handed: Handed, attribute: str) -> None:
    handed.change("therapists.csv", "languages", "field of work")
    handed.put("preferences.csv", f"client_id,attribute,value,strength\nann,{attribute},woman,must\n")
    assert handed.read().preferences["attribute"].str.lower().tolist() == [attribute.lower()]


def test_wishes_of_both_kinds_are_read_together(handed: Handed) -> None:
    tidy = handed.folder / "preferences.csv"
    text = tidy.read_text()
    assert len(wished(handed, ["woman (required)", "", ""])) == 1
    tidy.write_text(text)
    assert len(handed.read().preferences) == 3


def test_doubled_clients_do_not_double_their_wishes(handed: Handed) -> None:
    wished(handed, ["woman (required)", "", ""])
    handed.change("clients.csv", "ann,woman (required)\n", "ann,woman (required)\n" * 2)
    assert len(handed.read().preferences) == 1
