"""Errors: each message names what is wrong, where, and what to do."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.faults import DataFault
from attune_fit.data.reading.read_clinic import list_faults, read_tables
from tests.data.conftest import CLIENTS, OUTCOMES, ClinicFolder

Damage = Callable[[ClinicFolder], object]
CLIENT_COLUMNS = "`client_id`, `age`, `gender`, `lgbtq`, `phq9`, `referred_on`"


def _add_second_file(clinic_folder: ClinicFolder) -> None:
    pd.DataFrame({"client_id": ["ann"]}).to_parquet(clinic_folder.folder / "clients.parquet")


def _join_languages(lines: str, key: str) -> Damage:
    def damage(clinic_folder: ClinicFolder) -> None:
        clinic_folder.put("spoken.csv", lines)
        mapping = f'languages = {{ file = "spoken.csv", key = "{key}", from = "language" }}'
        clinic_folder.add(f"[tables.therapists.columns]\n{mapping}\n")

    return damage


WISH = '[[tables.preferences.wishes]]\ncolumn = "wish"\nattribute = "gender"\n'


ERRORS: dict[str, tuple[Damage, str]] = {
    # the folder and its files
    "no clients": (
        lambda h: h.drop("clients.csv"),
        "clients: the clinic folder does not have this table. Add clients.csv, clients.tsv or clients.parquet, or name "
        "your file: `file` under [tables.clients] in clinic.toml.",
    ),
    "a named file is missing": (
        lambda h: h.add('[tables.outcomes]\nfile = "forms.csv"\n'),
        "outcomes: the file forms.csv does not exist. Put it in the clinic folder, or correct `tables.outcomes.file` in "
        "clinic.toml.",
    ),
    "an empty file": (
        lambda h: h.put("therapists.csv", ""),
        "therapists: therapists.csv is empty. Export it again. Its first row must contain the headers.",
    ),
    "a file with only a byte-order mark": (
        lambda h: h.put("therapists.csv", b"\xef\xbb\xbf"),
        "therapists: therapists.csv is empty. Export it again. Its first row must contain the headers.",
    ),
    "a header without rows": (
        lambda h: h.put("therapists.csv", "therapist_id,age\n"),
        "therapists: therapists.csv has a header but no rows. Export it again. Attune needs rows to rank.",
    ),
    "csv and parquet": (
        _add_second_file,
        "clients: both clients.csv and clients.parquet exist. Keep one, or name it: `file` under [tables.clients].",
    ),
    "a file that is not Parquet": (
        lambda h: h.drop("clients.csv").put("clients.parquet", "client_id\nann\n"),
        "clients: clients.parquet is damaged or not a Parquet file. Export it again.",
    ),
    # how a file is written
    "another separator": (
        lambda h: h.put("clients.csv", CLIENTS.replace(",", ";")),
        'clients: clients.csv has a single column, with `;` in its header. Add `separator = ";"` under '
        "[tables.clients].",
    ),
    "another encoding": (
        lambda h: h.put("therapists.csv", "therapist_id,languages\ntom,español\n".encode("latin-1")),
        "therapists: therapists.csv is not written in utf-8 (row 2). Name its encoding, such as "
        '`encoding = "latin-1"`, under [tables.therapists].',
    ),
    "UTF-16 with a byte-order mark": (
        lambda h: h.put("clients.csv", CLIENTS.encode("utf-16")),
        'clients: clients.csv is not written in utf-8 (row 1). Name its encoding, such as `encoding = "utf-16"`, '
        "under [tables.clients].",
    ),
    "UTF-16 without one": (
        lambda h: h.put("clients.csv", CLIENTS.encode("utf-16-le")),
        'clients: clients.csv is not plain text. If it is UTF-16, add `encoding = "utf-16"` under [tables.clients].',
    ),
    "an unknown encoding": (
        lambda h: h.add('[tables.clients]\nencoding = "utf-9"\n'),
        "clients: unknown encoding `utf-9`. Use `utf-8`, `latin-1` or `cp1252` under [tables.clients].",
    ),
    "more cells than headers": (
        lambda h: h.change("clients.csv", "ben,51", "ben,bob,51"),
        "clients: rows of clients.csv have more cells than its header (row 3). Put quotation marks around cells "
        "that contain `,`, or correct `separator` under [tables.clients].",
    ),
    "an open quotation mark": (
        lambda h: h.change("clients.csv", "ben,51", 'ben,"51'),
        "clients: a quotation mark in clients.csv is not closed (row 3). Close it or delete it.",
    ),
    # ids
    "no id column": (
        lambda h: h.change("clients.csv", "client_id", "Client"),
        'clients, client_id: the file does not have this required column. Map it: `client_id = "its header"` under '
        "[tables.clients.columns]. Did you mean `Client`? Known: `Client`, `age`, `gender`, `lgbtq`, `phq9`, "
        "`referred_on`.",
    ),
    "an empty id": (
        lambda h: h.change("clients.csv", "cat,27", ",27"),
        "clients, client_id: this required cell is empty (row 4). Fill it in, or delete the row.",
    ),
    "two clients with one id": (
        lambda h: h.change("clients.csv", "cat,27", "ben,27"),
        "clients, client_id: the same id with different content (rows 3, 4). Keep the correct row, or give each row "
        "its own id.",
    ),
    # the mapping
    "a mapped header that does not exist": (
        lambda h: h.add('[tables.clients.columns]\nphq9 = "PHQ 9"\n'),
        "clients, PHQ 9: the file has no such header. Correct `tables.clients.columns.phq9` in clinic.toml. Did you "
        f"mean `phq9`? Known: {CLIENT_COLUMNS}.",
    ),
    "no slot matches the pattern": (
        lambda h: h.add('[tables.clients.columns]\navailability = { slots = "avail *" }\n'),
        "clients, avail *: no header matches this pattern. Correct `tables.clients.columns.availability` in "
        f"clinic.toml. Known: {CLIENT_COLUMNS}.",
    ),
    "codes that list almost none": (
        lambda h: h.add('[tables.clients.columns]\ngender = { from = "gender", codes = { F = "female" } }\n'),
        "clients, gender: 3 of 3 cells: a code that `codes` does not list (rows 2, 3, 4). The mapping is likely "
        "wrong: add the clinic's codes to `codes`. Listed: `f`.",
    ),
    "dates in another form": (
        lambda h: h.put("clients.csv", CLIENTS.replace("2026-05-0", "05/2026/")),
        "clients, referred_on: 2 of 3 cells: not a date such as 2026-06-15 (rows 2, 3). The mapping is likely "
        'wrong: check the header, or add the form, such as `dates = "%m/%d/%Y"`, under [tables.clients].',
    ),
    "dates in another form than stated": (
        lambda h: h.change("clients.csv", "2026-05-", "05.2026.").add('[tables.clients]\ndates = "%d/%m/%Y"\n'),
        "clients, referred_on: 3 of 3 cells: not a date of the form `%d/%m/%Y` (rows 2, 3, 4). The mapping is "
        'likely wrong: check the header, or add the form, such as `dates = "%m/%d/%Y"`, under [tables.clients].',
    ),
    "text in a column of numbers": (
        lambda h: h.put("clients.csv", CLIENTS.replace(",12,", ",twelve,").replace(",7,", ",seven,")),
        "clients, phq9: 2 of 2 cells: not a number (rows 2, 3). The mapping is likely wrong: check the header, the "
        "codes in `missing` and the `decimal` mark.",
    ),
    "ages in months": (
        lambda h: h.put("clients.csv", CLIENTS.replace("34", "408").replace("51", "612")),
        "clients, age: 2 of 3 cells: age is not between 0 and 110 (rows 2, 3). The mapping is likely wrong: check "
        "the header, or convert the values with `codes` or `scale`.",
    ),
    "a second file without the key": (
        _join_languages("who,language\ntom,french\n", key="id"),
        "spoken.csv, id: the file has no such header. Correct `tables.therapists.columns.languages.key` in "
        "clinic.toml. Known: `who`, `language`.",
    ),
    "a second file about other ids": (
        _join_languages("who,language\nsam,french\n", key="who"),
        "spoken.csv, who: its ids do not match any id of therapists. Correct "
        "`tables.therapists.columns.languages.key` in clinic.toml.",
    ),
    "a second file that is missing": (
        lambda h: h.add('[tables.clients.columns]\nlanguages = { file = "no.csv", key = "a", from = "b" }\n'),
        "clients, b: the file no.csv does not exist. Put it in the clinic folder, or correct "
        "`tables.clients.columns.languages.file` in clinic.toml.",
    ),
    # wishes
    "a wish about an unknown column": (
        lambda h: h.change("preferences.csv", "ann,gender,", "ann,height,"),
        "preferences, attribute: wishes about a column that the roster does not have (row 2). Name a column of "
        "therapists: `therapist_id`, `age`, `gender`,",
    ),
    "an unknown strength": (
        lambda h: h.change("preferences.csv", "must", "should"),
        "preferences, strength: not one of `must`, `prefer`, `avoid`, `never` (row 2). Correct these cells. Each "
        "row needs a valid value.",
    ),
    "a wish that is not a number": (
        lambda h: h.change("preferences.csv", "30-50", "thirtyish"),
        "preferences, value: wishes about `age` that are not numbers (row 3). Write a number, `40-60`, `65-`, "
        "`>=10` or `<=45`.",
    ),
    "a wish about a date": (
        lambda h: h.change("preferences.csv", "age,30-50", "updated_on,2026-06-01"),
        "preferences, value: wishes about `updated_on`, which contains dates (row 3). Use a column of numbers or "
        "codes.",
    ),
    "a wish without a value": (
        lambda h: h.change("preferences.csv", "30-50", ""),
        "preferences, value: this required cell is empty (row 3). Fill it in, or delete the row.",
    ),
    "wishes without a strength": (
        lambda h: h.put("clients.csv", "client_id,wish\nann,woman (must)\nben,woman\ncat,woman (perhaps)\n").add(WISH),
        "preferences, wish: no strength in brackets that is listed in `strengths` (rows 3, 4). Write `value "
        "(strength)`. Known strengths: `must`, `prefer`, `avoid`, `never`.",
    ),
    "a wish column that does not exist": (
        lambda h: h.add(WISH),
        "preferences, wish: the file has no such header. Correct `tables.preferences.wishes.0.column` in clinic.toml. "
        f"Known: {CLIENT_COLUMNS}.",
    ),
    # outcomes
    "an unknown instrument": (
        lambda h: h.add('[tables.outcomes]\ninstrument = "WAI-RS"\n'),
        "clinic.toml, tables.outcomes.instrument: unknown instrument `WAI-RS`. Did you mean `WAI-S`? Known: "
        "`WAI-SR`, `WAI-S`, `SRS`, `ARM-5`. Describe your own instrument under [[instruments]].",
    ),
    "unknown instruments in most cells": (
        lambda h: h.change("outcomes.csv", "WAI-SR", "CALPAS"),
        "outcomes, instrument: 2 of 2 cells: unknown instrument (rows 2, 3). The mapping is likely wrong: map it "
        "with `codes`, or describe your own instrument under [[instruments]]. Known: `WAI-SR`, `WAI-S`, `SRS`, "
        "`ARM-5`.",
    ),
    "scores without an instrument": (
        lambda h: h.change("outcomes.csv", "WAI-SR", ""),
        "outcomes, instrument: 2 of 2 cells: score without an instrument (rows 2, 3). The mapping is likely wrong: "
        'name the instrument: `instrument = "WAI-SR"` under [tables.outcomes].',
    ),
    "sums instead of means": (
        lambda h: h.put("outcomes.csv", OUTCOMES.replace("4.25", "51").replace("3.5", "42")),
        "outcomes, score: 2 of 2 cells: not between 1 and 5, the range of WAI-SR (rows 2, 3). The mapping is likely "
        "wrong: convert them to these points with `scale`, or describe your own instrument under [[instruments]].",
    ),
    "no items match the pattern": (
        lambda h: h.add('[tables.outcomes]\ninstrument = "SRS"\nitems = "srs{}"\n'),
        "outcomes, srs{}: SRS has 4 items, and the file lacks srs1, srs2, srs3, srs4. Correct `tables.outcomes.items` "
        "in clinic.toml. Headers: `client_id`, `therapist_id`, `session`, `measured_on`, `instrument`, `rater`, "
        "`score`.",
    ),
    "items without an instrument": (
        lambda h: h.add('[tables.outcomes]\nitems = "wai{}"\n'),
        "clinic.toml, tables.outcomes.items: items need an instrument to score them. Add the instrument, such as "
        '`instrument = "WAI-SR"`, under [tables.outcomes].',
    ),
    "raters in other words": (
        lambda h: h.change("outcomes.csv", ",client,", ",patient,"),
        "outcomes, rater: 2 of 2 cells: not one of `client`, `therapist`, `observer` (rows 2, 3). The mapping is "
        "likely wrong: check the header, or convert the values with `codes` or `scale`.",
    ),
    "outcomes with other ids": (
        lambda h: h.change("outcomes.csv", "tom", "T-1").change("outcomes.csv", "una", "T-2"),
        "outcomes, therapist_id: every row is about therapists who are not on the roster (rows 2, 3). Use the same "
        "ids in both files.",
    ),
    "age groups in words": (
        lambda h: h.put("therapists.csv", "therapist_id,age,gender,age_groups\ntom,44,man,65-\nuna,38,man,adults\n"),
        "therapists, age_groups: not a range of numbers (row 3). Write `18-64` or `65-`, or map your words: `codes "
        '= { adults = "18-64" }`.',
    ),
    # clinic.toml
    "invalid TOML": (
        lambda h: h.add("[tables\n"),
        "clinic.toml: not valid TOML: ",
    ),
    "a misspelt key": (
        lambda h: h.add("[settings]\nshortlst = 3\n"),
        "clinic.toml, settings.shortlst: unknown key `shortlst`. Did you mean `shortlist`? Known: `shortlist`, `seed`,",
    ),
    "a misspelt part": (
        lambda h: h.add("[setings]\nshortlist = 3\n"),
        "clinic.toml, setings: unknown key `setings`. Did you mean `settings`? Known: `clinic`, `tables`, `rules`, "
        "`features`, `instruments`, `settings`, `waiting`,",
    ),
    "a misspelt key deep inside": (
        lambda h: h.add('[tables.clients.columns]\nage = { fro = "Age" }\n'),
        "clinic.toml, tables.clients.columns.age.fro: unknown key `fro`. Did you mean `from`? Known: `from`,",
    ),
    "a value of another type": (
        lambda h: h.add('[settings]\nshortlist = "many"\n'),
        "clinic.toml, settings.shortlist: should be a valid integer. Correct it in clinic.toml.",
    ),
    "an invalid separator": (
        lambda h: h.add("[tables.clients]\nseparator = '\"'\n"),
        "clinic.toml, tables.clients.separator: use a single character as separator; a quotation mark is not "
        "allowed. Correct it in clinic.toml.",
    ),
    "a value instead of a table": (
        lambda h: h.add("[tables.clients.columns]\nage = 3\n"),
        "clinic.toml, tables.clients.columns.age: should be a table of keys. Correct it in clinic.toml.",
    ),
    "a value out of range": (
        lambda h: h.add("[settings]\nband = 2\n"),
        "clinic.toml, settings.band: should be less than 1. Correct it in clinic.toml.",
    ),
    "a value that is not a choice": (
        lambda h: h.add('[rules.region]\nunknown = "maybe"\n'),
        "clinic.toml, rules.region.unknown: should be 'allow' or 'exclude'. Correct it in clinic.toml.",
    ),
    "a missing key": (
        lambda h: h.add('[[features]]\nname = "field"\nclient = "a"\ntherapist = "b"\n'),
        "clinic.toml, features.0.compare: the key `compare` is required. Add it.",
    ),
    "two sources for one column": (
        lambda h: h.add('[tables.clients.columns]\nage = { from = "age", birth_date = "born" }\n'),
        "clinic.toml, tables.clients.columns.age: name the source of the column with one of `from`, `birth_date`, "
        "`slots`. Correct it in clinic.toml.",
    ),
    "clinic.toml in another encoding": (
        lambda h: h.put("clinic.toml", '[clinic]\nname = "Bühl"\n'.encode("latin-1")),
        "clinic.toml: not written in UTF-8. Save it as UTF-8.",
    ),
    "an instrument that exists": (
        lambda h: h.add('[[instruments]]\nname = "srs"\nlow = 0\nhigh = 40\n'),
        "clinic.toml, instruments.srs: an instrument `srs` exists already. Give your instrument another name.",
    ),
    "an instrument with reversed limits": (
        lambda h: h.add('[[instruments]]\nname = "own"\nlow = 5\nhigh = 1\n'),
        "clinic.toml, instruments.0: `low` must be below `high`, and `item_low` below `item_high`. Correct it in "
        "clinic.toml.",
    ),
    "an instrument with reversed early sessions": (
        lambda h: h.add('[[instruments]]\nname = "own"\nlow = 1\nhigh = 5\nearly = [3, 1]\n'),
        "clinic.toml, instruments.0: `early` must be the first and the last session, in that order. Correct it in",
    ),
    "a weight that is not a number": (
        lambda h: h.add('[[features]]\nname="x"\nclient = "age"\ntherapist = "age"\ncompare = "same"\nweight = nan\n'),
        "clinic.toml, features.0.weight: should be a finite number. Correct it in clinic.toml.",
    ),
    "waiting by an unknown column": (
        lambda h: h.add('[waiting]\nwhere = { column = "gendre", is = "man" }\n'),
        "clinic.toml, waiting.where.column: clients has no column `gendre`. Did you mean `gender`? Known: `client_id`,",
    ),
    "waiting by another type": (
        lambda h: h.add('[waiting]\nwhere = { column = "age", from = "old" }\n'),
        "clinic.toml, waiting.where.from: `age` contains numbers. Write a number, without quotation marks.",
    ),
    "a site in an unknown column": (
        lambda h: h.add('[settings]\nsite_column = "branch"\n'),
        "clinic.toml, settings.site_column: clients has no column `branch`. Known: `client_id`,",
    ),
    "a must for an unknown code": (
        lambda h: h.put("therapists.csv", "therapist_id,gender,age,lgbtq_affirming\ntom,man,40,no\nuna,woman,40,yes\n")
        .change("preferences.csv", "gender,woman", "lgbtq_affirming,sure"),
        "preferences, value: a `must` or `never` about `lgbtq_affirming` with an unknown code (row 2). Correct the "
        "cell, or add the code to `codes` of the wish. Known: `yes`, `no`.",
    ),
    "an invalid date form": (
        lambda h: h.add('[tables.clients]\ndates = "%q %Q"\n'),
        "clinic.toml, tables.clients.dates: this is not a date form: write one such as `%m/%d/%Y`, with %d day, %m "
        "month, %Y or %y year. Correct it in clinic.toml.",
    ),
    "a number from slots": (
        lambda h: h.add('[tables.clients.columns]\nage = { slots = "phq*" }\n'),
        "clinic.toml, tables.clients.columns.age: `age` has kind `number`, but this mapping gives kind `set`. Name "
        "one header with `from`, or map another column.",
    ),
    "an id from a birth date": (
        lambda h: h.add('[tables.therapists.columns]\ntherapist_id = { birth_date = "updated_on" }\n'),
        "clinic.toml, tables.therapists.columns.therapist_id: `therapist_id` has kind `id`, but this mapping gives "
        "kind `number`. Name one header with `from`, or map another column.",
    ),
    "no folder": (
        lambda h: shutil.rmtree(h.folder),
        "clinic does not exist. Name the folder that contains your tables.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_is_the_only_one_and_says_how_to_correct_it(clinic_folder: ClinicFolder, name: str) -> None:
    damage, message = ERRORS[name]
    damage(clinic_folder)
    errors = [line for line in clinic_folder.format_faults() if line.startswith("! ")]
    assert len(errors) == 1, errors
    assert message in errors[0]


def test_reading_raises_all_faults(clinic_folder: ClinicFolder) -> None:
    ERRORS["sums instead of means"][0](clinic_folder)
    clinic_folder.change("clients.csv", "ann,34", "ann,-34")
    clinic = Clinic.open(clinic_folder.folder)
    with pytest.raises(DataFault, match=r"convert them to these points with `scale`") as raised:
        read_tables(clinic)
    assert raised.value.faults == list_faults(clinic)
    assert [fault.stops for fault in raised.value.faults] == [True, False]


def test_a_file_in_place_of_the_folder_is_an_error(clinic_folder: ClinicFolder) -> None:
    with pytest.raises(
        DataFault, match=r"clients.csv is a file, not a folder. Name the folder that contains your tables."
    ):
        Clinic.open(clinic_folder.folder / "clients.csv")


def test_all_errors_of_clinic_toml_are_reported_at_once(clinic_folder: ClinicFolder) -> None:
    clinic_folder.add('[settings]\nshortlst = 3\nband = 2\n[rules.payer]\non = "maybe"\n')
    assert len(clinic_folder.format_faults()) == 3


def test_an_unreadable_file_is_an_error(clinic_folder: ClinicFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert (
        "! clients: clients.csv cannot be read: Permission denied. Allow Attune to read it."
        in clinic_folder.format_faults()
    )
