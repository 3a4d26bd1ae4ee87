"""Cells of a set that hold another separator are reported, with the key that says which separator is meant."""

import pytest

from tests.office_files.small_clinic import OFFERS, SmallClinic

SEMICOLONS = {
    "clients": ("languages", "formats", "availability", "presenting_problems"),
    "therapists": ("languages", "licensed_regions", "payers", "formats", "availability", "specialties"),
}


def replace_separator(clinic: SmallClinic, separator: str) -> SmallClinic:
    """Write every set with another separator."""
    for table in SEMICOLONS:
        clinic.put(f"{table}.csv", clinic.get_text(table).replace("|", separator))
    return clinic


@pytest.mark.parametrize("separator", [";", " ; "])
def test_sets_in_semicolons_everywhere_are_named_by_column(small_clinic: SmallClinic, separator: str) -> None:
    replace_separator(small_clinic, separator)
    faults = small_clinic.list_faults()
    for table, columns in SEMICOLONS.items():
        written = [column for column in columns if ";" in small_clinic.get_text(table)]
        found = {fault.column for fault in faults if fault.table == table}
        assert set(written) - {"licensed_regions"} <= found  # each therapist has one region
    assert all("set_separator" in str(fault) or "split" in str(fault) for fault in faults if fault.column == "payers")


def test_set_separator_reads_them(small_clinic: SmallClinic) -> None:
    replace_separator(small_clinic, "; ")
    small_clinic.add_toml('[tables.clients]\nset_separator = ";"\n[tables.therapists]\nset_separator = ";"')
    assert small_clinic.list_faults() == []
    assert small_clinic.list_offers() == OFFERS


def test_a_cell_with_a_known_code_and_another_separator_is_reported(small_clinic: SmallClinic) -> None:
    small_clinic.set_cell("therapists", "t1", "payers", "public/plan a/self pay")
    small_clinic.set_cell("therapists", "t2", "languages", "English, Spanish")
    small_clinic.set_cell("therapists", "t3", "formats", "video\nin person")
    small_clinic.set_cell("clients", "c01", "languages", "english;german")
    small_clinic.set_cell("clients", "c02", "formats", "video,phone")
    places = [("therapists", "payers", 2), ("therapists", "languages", 3), ("therapists", "formats", 4),
              ("clients", "languages", 2), ("clients", "formats", 3)]  # fmt: skip
    for table, column, row in places:
        fault = small_clinic.find_fault(table, column)
        assert (fault.kind, fault.rows) == ("set aside", (row,))
        assert "set_separator" in str(fault) or "split" in str(fault)
    kept = {"c03", "c04", "c05", "c06"}
    assert small_clinic.list_offers() == {client: OFFERS[client] & {"t4"} for client in kept if "t4" in OFFERS[client]}


def test_a_comma_or_slash_inside_a_code_is_no_fault(small_clinic: SmallClinic) -> None:
    cells = ["Black/African American", "Hispanic, any race", "white", "", "two/more", "white"]  # no piece is a code
    small_clinic.set_column("clients", "race_ethnicity", *cells)
    small_clinic.set_cell("clients", "c03", "presenting_problems", "burnout, at work")
    assert list(small_clinic.get_column("clients", "race_ethnicity").values()) == [
        cell.casefold() or None for cell in cells
    ]
    assert small_clinic.get_column("clients", "presenting_problems")["c03"] == "burnout, at work"
    assert small_clinic.list_faults() == []


def test_a_whole_cell_that_codes_lists_is_one_code(small_clinic: SmallClinic) -> None:
    small_clinic.set_cell("clients", "c01", "languages", "English; Spanish")
    codes = '{ "English; Spanish" = ["english", "spanish"], english = "english", spanish = "spanish" }'
    small_clinic.add_toml(f'[tables.clients.columns]\nlanguages = {{ from = "languages", codes = {codes} }}')
    assert small_clinic.get_column("clients", "languages")["c01"] == "english|spanish"
    assert small_clinic.find_faults("clients", "languages") == []
