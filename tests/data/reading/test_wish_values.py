"""Wishes: columns such as `F (required)`, and the codes of the roster that they become."""

import pytest

from tests.data.conftest import ClinicFolder

WISH = """[[tables.preferences.wishes]]
column = "wish"
attribute = "{attribute}"
strengths = {{ required = "must", preferred = "prefer", NOT = "never" }}
"""


def read_wishes(
    clinic_folder: ClinicFolder, cells: list[str], attribute: str = "gender", more: str = ""
) -> list[tuple[str, ...]]:
    """Return the wishes read from a column of the clients' file with these cells."""
    rows = "".join(f"{name},{cell}\n" for name, cell in zip(("ann", "ben", "cat"), cells, strict=True))
    clinic_folder.put("clients.csv", f"client_id,wish\n{rows}").drop("preferences.csv").drop("outcomes.csv")
    clinic_folder.add(WISH.format(attribute=attribute) + more)
    preferences = clinic_folder.read().preferences.sort_values("client_id")
    return list(preferences.itertuples(index=False, name=None))


def test_wishes_are_read_with_their_strength(clinic_folder: ClinicFolder) -> None:
    assert read_wishes(clinic_folder, ["Woman (required)", "MAN(not)", ""]) == [
        ("ann", "gender", "woman", "must"),
        ("ben", "gender", "man", "never"),
    ]


def test_brackets_inside_a_value_belong_to_it(clinic_folder: ClinicFolder) -> None:
    clinic_folder.change("therapists.csv", "english|spanish", "english|sign (british)")
    assert read_wishes(clinic_folder, ["Sign (British) (preferred)", "", ""], "languages") == [
        ("ann", "languages", "sign (british)", "prefer")
    ]


def test_wishes_use_the_codes_of_the_rosters_column(clinic_folder: ClinicFolder) -> None:
    clinic_folder.change("therapists.csv", ",man,", ",2,").change("therapists.csv", ",woman,", ",1,")
    codes = '[tables.therapists.columns]\ngender = { from = "gender", codes = { 1 = "woman", 2 = "man" } }\n'
    assert read_wishes(clinic_folder, ["1 (required)", "Man (preferred)", ""], more=codes) == [
        ("ann", "gender", "woman", "must"),
        ("ben", "gender", "man", "prefer"),
    ]


def test_wishes_may_have_codes_of_their_own(clinic_folder: ClinicFolder) -> None:
    codes = 'codes = { "a lady" = "woman", "a gentleman" = "man" }\n'
    assert read_wishes(clinic_folder, ["A lady (required)", "", ""], more=codes) == [("ann", "gender", "woman", "must")]


def test_wishes_of_an_unlisted_code_are_dropped_with_a_warning(clinic_folder: ClinicFolder) -> None:
    codes = 'codes = { lady = "woman", sir = "man" }\n'
    assert len(read_wishes(clinic_folder, ["lady (required)", "sir (required)", "anyone (preferred)"], more=codes)) == 2
    assert [(warning.column, warning.rows) for warning in clinic_folder.read().warnings] == [("wish", (4,))]


def test_a_code_with_several_meanings_is_not_a_wish(clinic_folder: ClinicFolder) -> None:
    codes = 'codes = { lady = "woman", either = ["woman", "man"] }\n'
    assert (
        len(read_wishes(clinic_folder, ["lady (required)", "lady (preferred)", "either (preferred)"], more=codes)) == 2
    )
    assert [(warning.column, warning.rows) for warning in clinic_folder.read().warnings] == [("wish", (4,))]


def test_wishes_for_numbers_are_ranges(clinic_folder: ClinicFolder) -> None:
    assert read_wishes(clinic_folder, ["40-60 (preferred)", ">=30 (required)", ""], "age") == [
        ("ann", "age", "40-60", "prefer"),
        ("ben", "age", ">=30", "must"),
    ]


def test_a_wish_for_one_therapist_finds_the_id_in_any_case(clinic_folder: ClinicFolder) -> None:
    clinic_folder.change("therapists.csv", "tom", "Tom")
    assert read_wishes(clinic_folder, ["TOM (required)", "", ""], "therapist_id") == [
        ("ann", "therapist_id", "Tom", "must")
    ]


@pytest.mark.parametrize("attribute", ["Gender", "Field Of Work"])
def test_the_attribute_is_found_in_any_case(clinic_folder: ClinicFolder, attribute: str) -> None:
    clinic_folder.change("therapists.csv", "languages", "field of work")
    clinic_folder.put("preferences.csv", f"client_id,attribute,value,strength\nann,{attribute},woman,must\n")
    assert clinic_folder.read().preferences["attribute"].str.lower().tolist() == [attribute.lower()]


def test_wishes_of_both_kinds_are_read_together(clinic_folder: ClinicFolder) -> None:
    tidy = clinic_folder.folder / "preferences.csv"
    text = tidy.read_text()
    assert len(read_wishes(clinic_folder, ["woman (required)", "", ""])) == 1
    tidy.write_text(text)
    assert len(clinic_folder.read().preferences) == 3


def test_duplicate_clients_do_not_duplicate_their_wishes(clinic_folder: ClinicFolder) -> None:
    read_wishes(clinic_folder, ["woman (required)", "", ""])
    clinic_folder.change("clients.csv", "ann,woman (required)\n", "ann,woman (required)\n" * 2)
    assert len(clinic_folder.read().preferences) == 1
