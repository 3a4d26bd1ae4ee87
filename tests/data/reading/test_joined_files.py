"""Files joined by a key: columns for the rows with the same id, and limits that never get lost."""

from __future__ import annotations

import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.reading.mapping_report import FileReading
from attune_fit.data.reading.read_clinic import read_mapping
from attune_fit.data.reading.rows.unused_files import list_unused_files
from tests.data.conftest import ClinicFolder
from tests.data.reading.test_row_sources import list_own_faults, read_column, write_workbook

GAD = "Client,GAD total,When\nann,12,2026-05-01\nben,9,2026-05-02\n"
JOIN = (
    '[tables.clients]\ncolumns = { gad7 = "GAD total" }\n[[tables.clients.join]]\nfile = "gad7.csv"\nkey = "Client"\n'
)
LIMITS = '[[tables.therapists.join]]\nfile = "limits.csv"\nkey = "who"\n'


@pytest.fixture
def joined(clinic_folder: ClinicFolder) -> ClinicFolder:
    """The GAD-7 of the clients in a file of its own."""
    return clinic_folder.put("gad7.csv", GAD).add(JOIN)


def test_columns_are_added_to_the_rows_with_the_same_id(joined: ClinicFolder) -> None:
    assert joined.list_faults() == ()
    assert read_column(joined, "gad7") == {"ann": 12, "ben": 9}
    assert list_unused_files(Clinic.open(joined.folder)) == []


def test_a_cell_that_cannot_be_read_is_named_in_the_joined_file(joined: ClinicFolder) -> None:
    joined.put("gad7.csv", "Client,GAD total\n,\nben,9\nann,many\ncat,40\n")
    assert list_own_faults(joined, "clients", "gad7.csv") == [
        "clients, GAD total (row 5 of gad7.csv): value-not-valid (gad7, 0, 21)",
        "clients, GAD total (row 4 of gad7.csv): number-not-readable",
        "gad7.csv (row 2): empty-row",
    ]


def test_several_rows_of_one_id_are_an_error_unless_one_is_kept(joined: ClinicFolder) -> None:
    joined.put("gad7.csv", "Client,GAD total,When\nann,12,2026-05-03\nben,9,2026-05-02\nann,3,2026-05-01\n")
    assert list_own_faults(joined, "gad7.csv") == ["gad7.csv, Client (rows 2, 4): key-repeated"]
    for keep, score in (('keep = "first"', 12), ('keep = "last"', 3), ('keep = "last"\nby = "When"', 12),
                        ('keep = "first"\nby = "When"', 3)):  # fmt: skip
        joined.put("clinic.toml", f"[clinic]\nas_of = 2026-06-15\n{JOIN}{keep}\n")
        assert read_column(joined, "gad7") == {"ann": score, "ben": 9}


def test_a_row_to_order_without_a_date_is_an_error(joined: ClinicFolder) -> None:
    joined.put("gad7.csv", "Client,GAD total,When\nann,12,3/5/26\nben,9,\nann,3,1/5/26\n")
    joined.add('keep = "last"\nby = "When"\n')
    assert list_own_faults(joined, "gad7.csv") == [
        "gad7.csv, When (rows 2, 4): key-without-date (tables.clients.join.0, tables.clients.join.0)"
    ]
    joined.add('dates = "%d/%m/%y"\n')
    assert read_column(joined, "gad7")["ann"] == 12


def test_ids_almost_equal_are_asked_about_and_never_guessed(joined: ClinicFolder) -> None:
    joined.put("gad7.csv", "Client,GAD total\nAnn,12\nben,9\n,4\n")
    (fault,) = [fault for fault in joined.list_faults() if fault.table == "gad7.csv"]
    assert (fault.id, fault.rows) == ("unknown-id-in-joined-file", (2, 4))
    assert "`ann` for `Ann`" in fault.fix
    assert read_column(joined, "gad7") == {"ben": 9}


def test_a_file_of_other_ids_is_an_error(joined: ClinicFolder) -> None:
    joined.put("gad7.csv", "Client,GAD total\n1,12\n2,9\n")
    assert [fault.id for fault in joined.list_faults()][:1] == ["no-matching-key"]


def test_a_header_of_both_files_needs_a_prefix(joined: ClinicFolder) -> None:
    joined.put("gad7.csv", "Client,GAD total,Age,phq9\nann,12,1,2\n")
    assert list_own_faults(joined, "gad7.csv") == [
        "gad7.csv, Age: header-in-both-files (`Age`, `phq9`, tables.clients.join.0)"
    ]
    joined.change("clinic.toml", '"GAD total"', '"gad_GAD total"').add('prefix = "gad_"\n')
    assert read_column(joined, "gad7")["ann"] == 12


@pytest.mark.parametrize(
    ("key", "fault"),
    [('key = "Person"', "header-not-found"), ('key = "Client"\nto = "Number"', "header-not-found"),
     ('key = "Client"\nby = "When"', "key-not-valid"), ('key = "Client"\ndates = "%d/%m/%Y"', "key-not-valid"),
     ('key = "Client"\nkeep = "last"\nby = "Day"', "header-not-found")],
)  # fmt: skip
def test_wrong_keys_are_errors(joined: ClinicFolder, key: str, fault: str) -> None:
    joined.change("clinic.toml", 'key = "Client"', key)
    assert fault in [one.id for one in joined.list_faults() if one.stops]


def test_a_file_that_does_not_exist_is_an_error(joined: ClinicFolder) -> None:
    joined.drop("gad7.csv")
    assert [one.id for one in joined.list_faults() if one.stops] == ["file-not-found"]


def test_another_header_of_the_table_can_hold_the_ids(joined: ClinicFolder) -> None:
    joined.change("clients.csv", "client_id,", "client_id,Number,").change("clients.csv", "ann,", "ann,007,")
    joined.change("clients.csv", "ben,", "ben,008,").change("clients.csv", "cat,", "cat,009,")
    joined.put("gad7.csv", "Client,GAD total\n009,12\n007,9\n").add('to = "Number"\n')
    assert read_column(joined, "gad7") == {"ann": 9, "cat": 12}


def test_a_limit_about_an_unknown_or_empty_id_is_an_error(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("limits.csv", "who,problems_not_taken\ntom,grief\nTom,anger\n,anger\nuna,\nvic,\n").add(LIMITS)
    assert list_own_faults(clinic_folder, "limits.csv") == [
        "limits.csv, who (rows 3, 4): joined-limit-about-unknown-id (therapists, They could concern anyone: correct "
        "the ids, or delete the rows. Did you mean `tom` for `Tom`?)"
    ]


def test_a_person_without_a_row_of_limits_is_set_aside(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("limits.csv", "who,problems_not_taken\ntom,grief\n").add(LIMITS)
    assert list_own_faults(clinic_folder, "therapists") == [
        "therapists, problems_not_taken (row 3) sets aside therapist una: limit-without-joined-row (limits.csv)"
    ]
    clinic_folder.put("limits.csv", "who,problems_not_taken\ntom,grief\nuna,\n")
    assert clinic_folder.list_faults() == ()


def test_a_row_without_limits_about_an_unknown_id_is_a_warning(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("limits.csv", "who,problems_not_taken\ntom,grief\nuna,\nvic,\n").add(LIMITS)
    assert [fault.id for fault in clinic_folder.list_faults()] == ["unknown-id-in-joined-file"]


def test_a_wish_about_an_unknown_client_is_an_error_and_a_bad_one_is_named_in_its_file(
    clinic_folder: ClinicFolder,
) -> None:
    clinic_folder.put("wishes.csv", "Client,Wish\nben,woman (must)\nann,woman (perhaps)\n")
    clinic_folder.add('[[tables.clients.join]]\nfile = "wishes.csv"\nkey = "Client"\n')
    clinic_folder.add('[[tables.preferences.wishes]]\ncolumn = "Wish"\nattribute = "gender"\n')
    assert list_own_faults(clinic_folder, "preferences") == [
        "preferences, Wish (row 3 of wishes.csv) sets aside client ann: wish-without-strength"
    ]
    clinic_folder.put("wishes.csv", "Client,Wish\nben,woman (must)\nAnn,woman (must)\n")
    assert [fault.id for fault in clinic_folder.list_faults() if fault.stops] == ["joined-limit-about-unknown-id"]


def test_rows_are_chosen_by_a_joined_column(joined: ClinicFolder) -> None:
    joined.put("gad7.csv", "Client,GAD total,Program\nann,12,north\nben,9,south\ncat,1,north\n")
    joined.change(
        "clinic.toml", "[tables.clients]\n", '[tables.clients]\nrows = { column = "Program", is = "north" }\n'
    )
    assert read_column(joined, "gad7") == {"ann": 12, "cat": 1}


def test_a_sheet_can_be_joined(joined: ClinicFolder) -> None:
    write_workbook(joined.folder / "scores.xlsx", {"GAD-7": GAD, "PHQ": "a,b"})
    joined.change("clinic.toml", 'file = "gad7.csv"', 'file = "scores.xlsx"\nsheet = "GAD-7"')
    assert read_column(joined, "gad7") == {"ann": 12, "ben": 9}
    assert "unread-sheet" in [fault.id for fault in joined.list_faults()]


def test_the_report_has_the_joined_file(joined: ClinicFolder) -> None:
    own, gad = [one for one in read_mapping(Clinic.open(joined.folder)) if one.table == "clients"]
    assert "GAD total" not in [one.header for one in own.headers]
    assert (gad.file, gad.rows, gad.unused) == ("gad7.csv", 2, ("When",))
    assert describe_headers(gad) == {"Client": ("key", 2, 0, 0, 0), "GAD total": ("gad7", 2, 0, 0, 1)}


def describe_headers(reading: FileReading) -> dict[str, tuple[str, int, int, int, int]]:
    """Return the column and the numbers of cells of each header."""
    return {one.header: (one.column, *one.cells) for one in reading.headers}


@pytest.mark.parametrize("prefix", ["", "of "])
def test_a_limit_with_several_joined_columns_is_never_lost(clinic_folder: ClinicFolder, prefix: str) -> None:
    slots = f'[tables.therapists.columns]\nproblems_not_taken = {{ slots = "{prefix}No *" }}\n'
    clinic_folder.put("limits.csv", "who,No trauma,No ocd\ntom,x,\n").add(f'{slots}{LIMITS}prefix = "{prefix}"\n')
    assert list_own_faults(clinic_folder, "therapists") == [
        f"therapists, {prefix}No trauma (row 3) sets aside therapist una: limit-without-joined-row (limits.csv)"
    ]
    clinic_folder.put("limits.csv", "who,No trauma,No ocd\ntom,x,\nuna,,\nzoe,,x\n")
    assert list_own_faults(clinic_folder, "limits.csv")[0].startswith(
        "limits.csv, who (row 4): joined-limit-about-unknown-id"
    )


def test_a_key_to_add_is_named_where_the_file_is_joined(joined: ClinicFolder) -> None:
    joined.put("gad7.csv", GAD.replace(",", ";"))
    assert "under [tables.clients.join.0]" in str(joined.list_faults()[0])
