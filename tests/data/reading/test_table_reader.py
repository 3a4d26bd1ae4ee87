"""A clinic's own files: headers, codes, sets, numbers, dates, slots, second files, Parquet."""

import datetime as dt
from collections.abc import Hashable

import numpy as np
import pandas as pd
import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.clinic_day import TableDay
from attune_fit.data.reading import read_clinic
from attune_fit.data.reading.read_clinic import read_tables
from tests.data.conftest import CLIENTS, ClinicFolder


def client(clinic_folder: ClinicFolder, name: str) -> dict[Hashable, object]:
    """Return a client's row."""
    return clinic_folder.read().clients.set_index("client_id").to_dict("index")[name]


def columns(clinic_folder: ClinicFolder, lines: str, table: str = "clients") -> ClinicFolder:
    return clinic_folder.add(f"[tables.{table}.columns]\n{lines}\n")


def test_headers_are_found_without_case_and_extra_spaces(clinic_folder: ClinicFolder) -> None:
    clinic_folder.change("clients.csv", "phq9", " Depression  (PHQ) ")
    columns(clinic_folder, 'phq9 = "depression (phq)"')
    assert client(clinic_folder, "ann")["phq9"] == 12


def test_words_are_compared_without_case_and_extra_spaces(clinic_folder: ClinicFolder) -> None:
    clinic_folder.change("clients.csv", "woman,no", " WOMAN ,No")
    ann = client(clinic_folder, "ann")
    assert (ann["gender"], ann["lgbtq"]) == ("woman", "no")


def test_ids_keep_their_case(clinic_folder: ClinicFolder) -> None:
    clinic_folder.change("clients.csv", "ann", " Ann  Lee ").drop("preferences.csv").drop("outcomes.csv")
    assert "Ann Lee" in clinic_folder.read().clients["client_id"].tolist()


def test_one_code_may_stand_for_several(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("clients.csv", "client_id,type\nann,Either\nben,Office\ncat,\n")
    codes = 'codes = { Either = ["video", "in person"], Office = "in person" }'
    columns(clinic_folder, f'formats = {{ from = "type", {codes} }}')
    formats = clinic_folder.read().clients.set_index("client_id")["formats"]
    assert formats[["ann", "ben"]].tolist() == ["video|in person", "in person"]
    assert pd.isna(formats["cat"])


def test_codes_are_compared_as_numbers_too(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("clients.csv", "client_id,eth\nann,1.0\nben,2\ncat,1\n")
    columns(clinic_folder, 'race_ethnicity = { from = "eth", codes = { 1 = "white", 2 = "black" } }')
    assert clinic_folder.read().clients.set_index("client_id")["race_ethnicity"].to_dict() == {
        "ann": "white",
        "ben": "black",
        "cat": "white",
    }


def test_a_canonical_code_needs_no_mapping(clinic_folder: ClinicFolder) -> None:
    columns(clinic_folder, 'gender = { from = "gender", codes = { F = "woman", M = "man" } }')
    assert client(clinic_folder, "ben")["gender"] == "man"


def test_codes_that_are_not_listed_may_be_kept(clinic_folder: ClinicFolder) -> None:
    columns(clinic_folder, 'gender = { from = "gender", codes = { woman = "f" }, other = "keep" }')
    tables = clinic_folder.read()
    assert set(tables.clients["gender"]) == {"f", "man"}
    assert not tables.warnings


def test_known_members_of_a_set_are_kept_with_an_unlisted_one(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("clients.csv", "client_id,speaks\nann,E;X\nben,E\ncat,E\n")
    columns(clinic_folder, 'languages = { from = "speaks", split = ";", codes = { E = "english" } }')
    tables = clinic_folder.read()
    assert tables.clients["languages"].tolist() == ["english"] * 3
    assert [warning.rows for warning in tables.warnings] == [(2,)]


@pytest.mark.parametrize(("cell", "missing"), [("99.0", "99"), ("Declined", '"declined"'), ("?", '["-", "?"]')])
def test_codes_for_missing_are_missing_without_a_fault(clinic_folder: ClinicFolder, cell: str, missing: str) -> None:
    clinic_folder.change("clients.csv", ",12,", f",{cell},").add(f"[tables.clients]\nmissing = {missing}\n")
    tables = clinic_folder.read()
    assert tables.clients.set_index("client_id")["phq9"].isna().to_dict() == {"ann": True, "ben": False, "cat": True}
    assert not tables.warnings


def test_codes_for_missing_never_hide_an_id(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("clients.csv", "client_id,age\n99,40\n").drop("preferences.csv").drop("outcomes.csv")
    clinic_folder.add("[tables.clients]\nmissing = 99\n")
    assert clinic_folder.read().clients["client_id"].tolist() == ["99"]


def test_numbers_may_have_a_comma_and_a_scale(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("clients.csv", "client_id;hope\nann;65,5\n").drop("preferences.csv").drop("outcomes.csv")
    clinic_folder.add('[tables.clients]\nseparator = ";"\ndecimal = ","\n')
    columns(clinic_folder, 'outcome_expectancy = { from = "hope", scale = 0.01 }')
    assert clinic_folder.read().clients["outcome_expectancy"].tolist() == [0.655]


INCOMES = "client_id;income\nann;1.250\nben;12,5\ncat;{}\n"


def test_a_point_stands_between_thousands_where_the_comma_is_the_decimal_mark(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("clients.csv", INCOMES.format("2.100")).drop("preferences.csv").drop("outcomes.csv")
    clinic_folder.add('[tables.clients]\nseparator = ";"\ndecimal = ","\n')
    assert sorted(clinic_folder.read().clients["income"]) == [12.5, 1250.0, 2100.0]


@pytest.mark.parametrize("cell", ["12.5", "1_250", "1.25", "\uff17"])
def test_a_number_of_another_locale_is_reported(clinic_folder: ClinicFolder, cell: str) -> None:
    clinic_folder.put("clients.csv", INCOMES.format(cell)).drop("preferences.csv").drop("outcomes.csv")
    clinic_folder.add('[tables.clients]\nseparator = ";"\ndecimal = ","\n')
    tables = clinic_folder.read()
    assert [(fault.id, fault.rows) for fault in tables.warnings] == [("number-not-readable", (4,))]
    assert tables.clients["income"].count() == 2


def test_a_column_may_have_marks_of_its_own(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("clients.csv", "client_id;a;b;c\nann;1,250;1'250,5;1.250\n").drop("preferences.csv")
    clinic_folder.drop("outcomes.csv").add('[tables.clients]\nseparator = ";"\n')
    columns(
        clinic_folder, 'a = { from = "a", thousands = "," }\nb = { from = "b", decimal = ",", thousands = "\'" }\n'
        'c = { from = "c", decimal = "," }'
    )  # fmt: skip
    assert clinic_folder.read().clients[["a", "b", "c"]].to_numpy().tolist() == [[1250.0, 1250.5, 1250.0]]


def test_a_two_digit_year_of_birth_is_never_in_the_future(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("clients.csv", "client_id,born\nann,06/15/30\nben,06/16/26\ncat,02/29/28\ndan,01/01/99\n")
    columns(clinic_folder, 'age = { birth_date = "born", dates = "%m/%d/%y" }')
    ages = clinic_folder.read().clients.set_index("client_id")["age"]
    assert ages.to_dict() == {"ann": 96.0, "ben": 99.0, "cat": 98.0, "dan": 27.0}


def test_a_birth_date_with_a_year_of_four_digits_is_as_written(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("clients.csv", "client_id,born\nann,2031-06-15\nben,06/16/50\ncat,06/16/60\n")
    columns(clinic_folder, 'age = { birth_date = "born", dates = "%m/%d/%y" }')
    assert clinic_folder.read().clients.set_index("client_id")["age"].isna()["ann"]
    assert [(fault.id, fault.rows) for fault in clinic_folder.read().warnings] == [("value-not-valid", (2,))]


def test_codes_may_mean_numbers(clinic_folder: ClinicFolder) -> None:
    columns(clinic_folder, 'importance = { from = "gender", codes = { woman = 3, man = 1 } }')
    assert clinic_folder.read().clients.set_index("client_id")["importance"].to_dict() == {
        "ann": 3.0,
        "ben": 1.0,
        "cat": 3.0,
    }


def test_a_birth_date_is_an_age_on_the_date_of_the_tables(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("clients.csv", "client_id,born\nann,06/15/2000\nben,06/16/2000\ncat,1999-01-01\n")
    columns(clinic_folder, 'age = { birth_date = "born", dates = "%m/%d/%Y" }')
    assert clinic_folder.read().clients.set_index("client_id")["age"].to_dict() == {
        "ann": 26.0,
        "ben": 25.0,
        "cat": 27.0,
    }


def test_slots_become_a_set_and_no_mark_at_all_is_missing(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("clients.csv", "client_id,Free mon-am,free tue-pm\nann,x,yes\nben,no,1\ncat,,\n")
    columns(clinic_folder, 'availability = { slots = "free *" }')
    slots = clinic_folder.read().clients.set_index("client_id")["availability"]
    assert slots[["ann", "ben"]].tolist() == ["mon-am|tue-pm", "tue-pm"]
    assert pd.isna(slots["cat"])


def test_a_second_file_is_joined_as_a_set(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("spoken.csv", "who,language\ntom,French\nsam,Dutch\ntom,english\ntom,French\n")
    columns(clinic_folder, 'languages = { file = "spoken.csv", key = "who", from = "language" }', "therapists")
    languages = clinic_folder.read().therapists.set_index("therapist_id")["languages"]
    assert languages["tom"] == "french|english"
    assert pd.isna(languages["una"])


def test_rows_of_a_second_file_are_its_own(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("spoken.csv", "who,approach\ntom,F\ntom,X\nuna,F\nuna,F\n")
    mapping = 'orientations = { file = "spoken.csv", key = "who", from = "approach", codes = { F = "family" } }'
    columns(clinic_folder, mapping, "therapists")
    assert [(warning.table, warning.column, warning.rows) for warning in clinic_folder.read().warnings] == [
        ("spoken.csv", "approach", (3,))
    ]


def test_a_member_that_cannot_be_read_sets_its_owner_aside_where_the_column_restricts(
    clinic_folder: ClinicFolder,
) -> None:
    clinic_folder.put("taken.csv", "who,not for\ntom,G\ntom,X\nuna,G\nuna,G\n")
    mapping = 'problems_not_taken = { file = "taken.csv", key = "who", from = "not for", codes = { G = "grief" } }'
    columns(clinic_folder, mapping, "therapists")
    aside, own = clinic_folder.read().warnings
    assert (aside.id, aside.table, aside.rows, aside.sets_aside) == (
        "second-file-not-readable", "therapists", (2,), ("tom",)
    )  # fmt: skip
    assert (own.id, own.table, own.rows) == ("unlisted-code", "taken.csv", (3,))


LIMITS = '[tables.therapists.columns]\nproblems_not_taken = { file = "taken.csv", key = "who", from = "not for" }\n'


def test_only_an_id_without_a_readable_member_is_set_aside(clinic_folder: ClinicFolder) -> None:
    """Of payers, one that cannot be read is one fewer; an id without any other could have any payer."""
    clinic_folder.put("panels.csv", "tid,payer\ntom,A\ntom,A\ntom,A\ntom,B\nuna,B\n")
    mapping = '{ file = "panels.csv", key = "tid", from = "payer", codes = { A = "aetna" } }'
    clinic_folder.add(f"[tables.therapists.columns]\npayers = {mapping}\n")
    faults = [one for one in clinic_folder.read().warnings if one.id == "second-file-not-readable"]
    assert sorted((one.rows, one.sets_aside) for one in faults) == [((2,), ()), ((3,), ("una",))]


def test_a_limit_of_a_second_file_that_is_a_word_for_missing_is_no_absence_of_one(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("taken.csv", "who,not for\ntom,n/a\nuna,grief\nuna,trauma\n").add(LIMITS)
    faults = {fault.id: fault.sets_aside for fault in clinic_folder.read().warnings}
    assert faults == {"missing-word-in-limit": (), "second-file-not-readable": ("tom",)}


@pytest.mark.parametrize("owner", ["TOM", "to-m", ""])
def test_a_limit_of_a_second_file_that_could_be_about_anyone_is_an_error(
    clinic_folder: ClinicFolder, owner: str
) -> None:
    clinic_folder.put("taken.csv", f"who,not for\n{owner},anxiety\nuna,grief\ngus,grief\n").add(LIMITS)
    faults = [(fault.id, fault.table, fault.stops, fault.rows) for fault in clinic_folder.list_faults()]
    assert faults == [("limit-about-unknown-id", "taken.csv", True, (2,))]


def test_an_id_of_a_second_file_in_another_spelling_is_asked_about(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("spoken.csv", "who,language\nTom,french\nuna,dutch\ngus,dutch\n")
    columns(clinic_folder, 'languages = { file = "spoken.csv", key = "who", from = "language" }', "therapists")
    (fault,) = clinic_folder.read().warnings
    assert (fault.id, fault.rows) == ("similar-id-in-second-file", (2,))
    assert "Did you mean `tom` for `Tom`?" in fault.fix


def test_own_columns_are_kept_and_typed_by_what_they_hold(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put(
        "clients.csv",
        "client_id,field,tags,weight,first seen,code\nann,Law,a|B,1.5,2026-01-02,01\nben,,,2,,x\ncat,law,c,,,\n",
    )
    clients = clinic_folder.read().clients
    assert {name: str(clients[name].dtype) for name in ("field", "tags", "weight", "first seen", "code")} == {
        "field": "str",
        "tags": "str",
        "weight": "float64",
        "first seen": "datetime64[s]",
        "code": "str",
    }
    assert set(clients["field"].dropna()) == {"law"}
    assert set(clients["tags"].dropna()) == {"a|b", "c"}


@pytest.mark.parametrize(
    ("cells", "dtype"),
    [
        (["12", "1_5", "7"], "float64"),
        (["12", "3B", "7"], "str"),  # rooms
        (["12", "1.2.3", "4.5.6", "7.8.9"], "str"),  # sections
        (["2026-05-01", "2026-13-01", "2026-05-03"], "datetime64[s]"),
        (["2026-05-01", "soon", "2026-05-03"], "str"),
    ],
)
def test_a_few_numbers_in_another_form_do_not_make_codes_of_a_column(
    clinic_folder: ClinicFolder, cells: list[str], dtype: str
) -> None:
    rows = "".join(f"c{number},{cell}\n" for number, cell in enumerate(cells))
    clinic_folder.put("clients.csv", f"client_id,mine\n{rows}").drop("preferences.csv").drop("outcomes.csv")
    tables = clinic_folder.read()
    assert str(tables.clients["mine"].dtype) == dtype
    assert len(tables.warnings) == (dtype != "str")


def test_own_columns_may_state_their_kind(clinic_folder: ClinicFolder) -> None:
    clinic_folder.change("clients.csv", "phq9", "house").add(
        '[tables.clients.columns]\nhouse = { from = "house", kind = "code" }\n'
    )
    assert set(clinic_folder.read().clients["house"].dropna()) == {"12", "7"}


def test_headers_that_the_mapping_reads_are_not_kept_a_second_time(clinic_folder: ClinicFolder) -> None:
    columns(clinic_folder, 'payer = "gender"\nfield = "phq9"')
    clients = clinic_folder.read().clients
    assert clients["gender"].isna().all()
    assert "phq9" not in set(clients.columns[clients.notna().any()])


def test_parquet_and_csv_of_the_same_table_read_the_same(clinic_folder: ClinicFolder) -> None:
    before = clinic_folder.read()
    table = pd.read_csv(clinic_folder.folder / "clients.csv", parse_dates=["referred_on"])
    table["lgbtq"] = table["lgbtq"].map({"no": False, "yes": True}).astype("boolean")
    clinic_folder.drop("clients.csv")
    table.to_parquet(clinic_folder.folder / "clients.parquet")
    assert clinic_folder.read().digest() == before.digest()


def test_repeated_headers_never_take_the_name_of_another(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("clients.csv", "client_id,room,Room,room (2)\nann,a,b,c\nben,a,b,c\ncat,a,b,c\n")
    clients = clinic_folder.read().clients
    assert clients.iloc[0, -3:].to_dict() == {"Room (2)": "b", "room": "a", "room (2) (2)": "c"}


def test_an_id_that_pandas_keeps_as_the_index_of_a_parquet_file_is_found(clinic_folder: ClinicFolder) -> None:
    clients = pd.read_csv(clinic_folder.folder / "clients.csv")
    clinic_folder.drop("clients.csv")
    clients.set_index("client_id").to_parquet(clinic_folder.folder / "clients.parquet")
    assert sorted(clinic_folder.read().clients["client_id"]) == ["ann", "ben", "cat"]


def test_lists_in_parquet_are_sets(clinic_folder: ClinicFolder) -> None:
    clinic_folder.drop("therapists.csv")
    cells = {
        "therapist_id": ["tom", "una"],
        "languages": [["english", "french"], None],
        "open_slots": [1, 2],
        "age": [40, 50],
    }
    pd.DataFrame({**cells, "gender": ["man", "woman"]}).to_parquet(clinic_folder.folder / "therapists.parquet")
    roster = clinic_folder.read().therapists.set_index("therapist_id")
    assert roster["languages"].dropna().to_dict() == {"tom": "english|french"}
    assert roster["open_slots"].to_dict() == {"tom": 1.0, "una": 2.0}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "latin-1", "utf-16", "cp1252"])
def test_files_are_read_in_their_encoding(clinic_folder: ClinicFolder, encoding: str) -> None:
    clinic_folder.put("clients.csv", CLIENTS.replace("woman", "fémme").encode(encoding))
    if encoding != "utf-8-sig":
        clinic_folder.add(f'[tables.clients]\nencoding = "{encoding}"\n')
    tables = clinic_folder.read()
    assert set(tables.clients["gender"]) == {"fémme", "man"}
    assert not tables.warnings


def test_accents_may_be_written_in_either_way(clinic_folder: ClinicFolder) -> None:
    clinic_folder.change("clients.csv", "woman", "fe\u0301mme").change("preferences.csv", "woman", "F\u00c9MME")
    tables = clinic_folder.read()
    assert set(tables.clients["gender"]) == {"f\u00e9mme", "man"}
    assert "f\u00e9mme" in set(tables.preferences["value"])


def test_empty_lines_at_the_end_of_a_file_are_no_rows(clinic_folder: ClinicFolder) -> None:
    assert not clinic_folder.put("clients.csv", CLIENTS + "\r\n\n\n").read().warnings


def test_rows_are_numbered_as_a_spreadsheet_does(clinic_folder: ClinicFolder) -> None:
    """A cell can contain line ends, and lines can be empty."""
    clinic_folder.put("clients.csv", 'client_id,age,note\nann,40,"two\nlines"\n\nben,-1,\ncat,30,\n')
    assert [(warning.column, warning.rows) for warning in clinic_folder.read().warnings] == [("", (3,)), ("age", (4,))]


def test_columns_that_a_file_lacks_are_missing(clinic_folder: ClinicFolder) -> None:
    for name, key in (("clients", "client_id"), ("therapists", "therapist_id")):
        clinic_folder.put(f"{name}.csv", f"{key}\nann\n")
    clinic_folder.drop("preferences.csv").drop("outcomes.csv").drop("clinic.toml")
    tables = clinic_folder.read()
    assert tables.clients.drop(columns="client_id").isna().all(axis=None)
    assert tables.clients["age"].dtype == np.float64
    assert [len(table) for table in (tables.preferences, tables.outcomes, tables.conflicts)] == [0, 0, 0]
    assert not tables.warnings


def test_the_day_of_the_tables_is_today_by_default(
    clinic_folder: ClinicFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic = Clinic.open(clinic_folder.drop("clinic.toml").folder)
    monkeypatch.setattr(read_clinic, "find_today", lambda config: dt.date(2026, 6, 3))
    assert str(read_tables(clinic).as_of) == "2026-06-03"
    assert str(read_tables(clinic, dt.date(2026, 6, 9)).as_of) == "2026-06-09"
    assert str(read_tables(clinic, "latest").as_of) == "2026-06-01"


@pytest.mark.parametrize(("day", "as_of"), [(None, "2026-06-15"), ("latest", "2026-06-15"), ("a day", "2026-06-09")])
def test_a_day_in_the_settings_gives_way_to_a_given_one_only(
    clinic_folder: ClinicFolder, day: str | None, as_of: str
) -> None:
    given: TableDay = dt.date(2026, 6, 9) if day == "a day" else "latest" if day == "latest" else None
    assert str(read_tables(Clinic.open(clinic_folder.folder), given).as_of) == as_of
