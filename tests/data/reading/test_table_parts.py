"""Parts of a table: files with headers, instruments and forms of their own that together are one table."""

from __future__ import annotations

import sqlite3

import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.reading.read_clinic import read_mapping
from attune_fit.data.reading.rows.unused_files import list_unused_files
from tests.data.conftest import ClinicFolder
from tests.data.reading.test_joined_files import describe_headers
from tests.data.reading.test_row_sources import list_own_faults, read_column

ITEMS = [f"wai{number}" for number in range(1, 13)]
WAI = f"Client,Clinician,visit,{','.join(ITEMS)}\nann,tom,3,{','.join(['4'] * 12)}\nben,una,3,{','.join(['9'] * 12)}\n"
SRS = "Client,therapist_id,When,Total\nann,tom,05/08/2026,33\ncat,tom,05/09/2026,77\n"
PARTS = """[tables.outcomes]
rater = "client"
columns = { client_id = "Client" }
[[tables.outcomes.parts]]
file = "wai.csv"
instrument = "WAI-SR"
items = "wai{}"
columns = { therapist_id = "Clinician", session = "visit" }
[[tables.outcomes.parts]]
file = "srs.csv"
instrument = "SRS"
dates = "%m/%d/%Y"
columns = { score = "Total", measured_on = "When" }
"""


@pytest.fixture
def parted(clinic_folder: ClinicFolder) -> ClinicFolder:
    """WAI items in one file, and SRS totals in another."""
    return clinic_folder.drop("outcomes.csv").put("wai.csv", WAI).put("srs.csv", SRS).add(PARTS)


def test_parts_with_instruments_of_their_own_are_one_table(parted: ClinicFolder) -> None:
    outcomes = parted.read().outcomes
    known = outcomes.dropna(subset="score")
    assert sorted(zip(known["client_id"], known["instrument"], known["score"], strict=True)) == [
        ("ann", "SRS", 33), ("ann", "WAI-SR", 4)
    ]  # fmt: skip
    assert len(outcomes) == 4
    assert set(outcomes["rater"]) == {"client"}
    assert outcomes["measured_on"].notna().sum() == 2
    assert list_unused_files(Clinic.open(parted.folder)) == []


def test_messages_name_the_file_of_the_part_and_its_headers(parted: ClinicFolder) -> None:
    assert list_own_faults(parted, "outcomes", "clinic.toml") == [
        "outcomes, Total (row 3 of srs.csv): score-out-of-range (0, 40, SRS)",
        "outcomes, wai1 to wai12 (row 3 of wai.csv): form-without-score (10, 12)",
        "outcomes, wai1 to wai12 (row 3 of wai.csv): answer-out-of-range (1, 5, WAI-SR)",
    ]


def test_a_wrong_key_of_a_part_has_its_place(parted: ClinicFolder) -> None:
    parted.change("clinic.toml", '"SRS"', '"SSR"').change("clinic.toml", '"Total"', '"Totals"')
    assert [(fault.id, fault.column) for fault in parted.list_faults() if fault.stops] == [
        ("unknown-outcomes-instrument", "tables.outcomes.parts.1.instrument"),
        ("header-not-found", "Totals"),
    ]
    (fault,) = [fault for fault in parted.list_faults() if fault.id == "header-not-found"]
    assert "tables.outcomes.parts.1.columns.score" in fault.fix


def test_a_part_whose_file_does_not_exist_is_an_error(parted: ClinicFolder) -> None:
    parted.drop("srs.csv")
    assert [(fault.id, fault.stops) for fault in parted.list_faults()] == [("file-not-found", True)]


def test_unknown_keys_and_contradictions_of_a_part_are_errors(parted: ClinicFolder) -> None:
    parted.add('raters = "client"\n')
    assert list_own_faults(parted, "clinic.toml")[0].startswith(
        "clinic.toml, tables.outcomes.parts.1.raters: unknown-key"
    )
    parted.change("clinic.toml", 'raters = "client"', 'table = "t"')
    assert [fault.says for fault in parted.list_faults()] == [
        "part 2: `table`, `query` and `password_env` need the address of a database: `sql`"
    ]


def test_a_part_can_be_in_a_database(parted: ClinicFolder) -> None:
    with sqlite3.connect(parted.drop("srs.csv").folder / "clinic.db") as database:
        database.execute("CREATE TABLE srs (Client TEXT, therapist_id TEXT, When_ TEXT, Total REAL)")
        database.execute("INSERT INTO srs VALUES ('ann', 'tom', '05/08/2026', 33), ('cat', 'tom', 'soon', 20)")
    database.close()
    parted.change("clinic.toml", 'file = "srs.csv"', 'sql = "sqlite:///clinic.db"\ntable = "srs"')
    parted.change("clinic.toml", '"When"', '"When_"')
    assert (
        "outcomes, When_ (row 3 of table srs of clinic.db): date-not-readable" in list_own_faults(parted, "outcomes")[0]
    )
    assert (parted.folder / "clinic.db").resolve() in Clinic.open(parted.folder).list_input_files()


def test_clients_of_two_sites_are_settled_as_one_table(clinic_folder: ClinicFolder) -> None:
    clinic_folder.drop("clients.csv").drop("outcomes.csv")
    clinic_folder.put("north.csv", "client_id,age,gender,Wish\nann,34,woman,\nben,51,man,woman (must)\ncat,x,man,\n")
    clinic_folder.put("south.csv", "ID;DOB;Sex\ndan;1990-01-01;m\nben;1980-02-02;m\n")
    clinic_folder.add(
        '[[tables.clients.parts]]\nfile = "north.csv"\n[[tables.clients.parts]]\nfile = "south.csv"\nseparator = ";"\n'
        'columns = { client_id = "ID", age = { birth_date = "DOB" }, '
        'gender = { from = "Sex", codes = { m = "man" } } }\n'
        '[[tables.preferences.wishes]]\ncolumn = "Wish"\nattribute = "gender"\n'
    )
    assert read_column(clinic_folder, "age") == {"ann": 34, "ben": 51, "dan": 36}
    assert read_column(clinic_folder, "gender")["dan"] == "man"
    assert "ben" in set(clinic_folder.read().preferences["client_id"])
    assert list_own_faults(clinic_folder, "clients") == [
        "clients, client_id (row 3 of north.csv; row 3 of south.csv) sets aside client ben: duplicate-id",
        "clients: part-without-wishes (south.csv)",
        "clients, age (row 4 of north.csv): number-not-readable",
    ]


def test_columns_of_different_kinds_are_not_used(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("more.csv", "therapist_id,Room\nvic,blue\n")
    clinic_folder.put("therapists.csv", "therapist_id,gender,Room\ntom,man,3\nuna,woman,4\n")
    clinic_folder.add('[[tables.therapists.parts]]\n[[tables.therapists.parts]]\nfile = "more.csv"\n')
    assert list_own_faults(clinic_folder, "therapists") == ["therapists, Room: part-with-another-kind (`Room`)"]
    assert "Room" not in clinic_folder.read().therapists
    kinds = 'columns = { Room = { from = "Room", kind = "code" } }\n'
    clinic_folder.change("clinic.toml", "[[tables.therapists.parts]]\n[[", f"[[tables.therapists.parts]]\n{kinds}[[")
    assert read_column(clinic_folder, "Room", "therapists") == {"tom": "3", "una": "4", "vic": "blue"}


def test_a_part_can_be_stacked_joined_and_wide(parted: ClinicFolder) -> None:
    parted.put("wide_1.csv", "Client,s1,s2\nann,4,3\n").put("wide_2.csv", "Client,s1,s2\nben,,2\n")
    parted.put("who.csv", "Person,therapist_id\nann,tom\nben,una\n")
    parted.add(
        '[[tables.outcomes.parts]]\nfiles = "wide_*.csv"\ninstrument = "WAI-SR"\ncolumns = { score = "s{session}" }\n'
        'join = [{ file = "who.csv", key = "Person" }]\n'
    )
    outcomes = parted.read().outcomes
    assert len(outcomes) == 7
    assert sorted(outcomes["score"].dropna()) == [2, 3, 4, 4, 33]
    assert {"wide_1.csv", "wide_2.csv", "who.csv"} <= {
        path.name for path in Clinic.open(parted.folder).list_input_paths()
    }


def test_the_report_has_each_part(parted: ClinicFolder) -> None:
    wai, srs = [one for one in read_mapping(Clinic.open(parted.folder)) if one.table == "outcomes"]
    assert (wai.file, wai.rows, wai.unused, srs.file, srs.rows) == ("wai.csv", 2, (), "srs.csv", 2)
    assert describe_headers(wai)["wai1"] == ("item 1", 1, 1, 0, 0)
    assert describe_headers(srs)["Total"] == ("score", 2, 0, 0, 0)


def test_a_part_without_a_limit_of_another_is_an_error(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("north.csv", "therapist_id,problems_not_taken\ntom,trauma\n")
    clinic_folder.put("south.csv", "therapist_id,Not taken\nuna,trauma\n")
    part = "[[tables.therapists.parts]]\nfile = "
    clinic_folder.add(f'{part}"north.csv"\n{part}"south.csv"\n')
    faults = [str(fault) for fault in clinic_folder.list_faults() if fault.stops]
    assert faults[0].startswith("therapists, problems_not_taken: south.csv lacks the column `problems_not_taken`")
    clinic_folder.add('columns = { problems_not_taken = "Not taken" }\n')
    assert read_column(clinic_folder, "problems_not_taken", "therapists") == {"tom": "trauma", "una": "trauma"}


def test_a_visit_in_two_parts_counts_once(parted: ClinicFolder) -> None:
    again = '[[tables.outcomes.parts]]\nfile = "again.csv"\ninstrument = "SRS"\n'
    parted.put("again.csv", "Client,therapist_id,measured_on,score\nann,tom,2026-05-08,33\nben,una,2026-05-08,33\n")
    parted.add(again)
    assert "outcomes (row 2 of again.csv): visit-in-two-parts" in list_own_faults(parted, "outcomes")
    outcomes = parted.read().outcomes
    assert len(outcomes[outcomes["score"] == 33]) == 2
    parted.put("again.csv", "Client,therapist_id,measured_on,score\nann,tom,,33\n")  # of which day is not known
    assert len(parted.read().outcomes.query("score == 33")) == 2


def test_wishes_and_who_waits_are_read_in_any_spelling_of_the_header(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("north.csv", "client_id,Wish,Status\nann,woman (must),waiting\n")
    clinic_folder.put("south.csv", "client_id,wish,status\nben,man (must),waiting\ncat,,closed\n")
    part = "[[tables.clients.parts]]\nfile = "
    clinic_folder.add(
        f'{part}"north.csv"\n{part}"south.csv"\n[[tables.preferences.wishes]]\ncolumn = "Wish"\nattribute = "gender"\n'
        '[waiting]\nwhere = { column = "Status", is = "waiting" }\n'
    )
    clinic_folder.drop("preferences.csv")
    assert set(clinic_folder.read().preferences["client_id"]) == {"ann", "ben"}
    assert read_column(clinic_folder, "Status") == {"ann": "waiting", "ben": "waiting", "cat": "closed"}
    clinic_folder.change("south.csv", "status", "state")
    assert [fault.id for fault in clinic_folder.list_faults() if fault.stops] == ["part-lacks-needed-column"]
