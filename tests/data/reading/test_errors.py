"""Errors: each is about one place. Its wording is in tests/golden/messages.json."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.instruments import INSTRUMENTS
from attune_fit.data.faults import DataFault
from attune_fit.data.reading.read_clinic import list_faults, read_tables
from tests.data.conftest import CLIENTS, OUTCOMES, ClinicFolder
from tests.fault_descriptions import describe_faults, raises_faults

Damage = Callable[[ClinicFolder], object]


def _add_second_file(clinic_folder: ClinicFolder) -> None:
    pd.DataFrame({"client_id": ["ann"]}).to_parquet(clinic_folder.folder / "clients.parquet")


def _join_languages(lines: str, key: str) -> Damage:
    def damage(clinic_folder: ClinicFolder) -> None:
        clinic_folder.put("spoken.csv", lines)
        mapping = f'languages = {{ file = "spoken.csv", key = "{key}", from = "language" }}'
        clinic_folder.add(f"[tables.therapists.columns]\n{mapping}\n")

    return damage


KNOWN_INSTRUMENTS = f"Known: {', '.join(f'`{row.name}`' for row in INSTRUMENTS)}."
WISH = '[[tables.preferences.wishes]]\ncolumn = "wish"\nattribute = "gender"\n'


ERRORS: dict[str, tuple[Damage, str]] = {
    # the folder and its files
    "no clients": (
        lambda h: h.drop("clients.csv"),
        "clients: table-not-found (clients.csv, clients.tsv, clients.csv.gz, clients.tsv.gz, clients.parquet, "
        "clients.xlsx, clients.ods, clients.sav or clients.dta, clients)",
    ),
    "a named file is missing": (
        lambda h: h.add('[tables.outcomes]\nfile = "forms.csv"\n'),
        "outcomes: file-not-found (forms.csv, tables.outcomes.file)",
    ),
    "an empty file": (
        lambda h: h.put("therapists.csv", ""),
        "therapists: empty-file (therapists.csv)",
    ),
    "a file with only a byte-order mark": (
        lambda h: h.put("therapists.csv", b"\xef\xbb\xbf"),
        "therapists: empty-file (therapists.csv)",
    ),
    "a header without rows": (
        lambda h: h.put("therapists.csv", "therapist_id,age\n"),
        "therapists: table-without-rows (therapists.csv)",
    ),
    "csv and parquet": (
        _add_second_file,
        "clients: several-files (clients.csv, clients.parquet, clients)",
    ),
    "a file that is not Parquet": (
        lambda h: h.drop("clients.csv").put("clients.parquet", "client_id\nann\n"),
        "clients: text-in-another-format (clients.parquet, Parquet)",
    ),
    # how a file is written
    "another separator": (
        lambda h: h.put("clients.csv", CLIENTS.replace(",", ";")),
        "clients: wrong-separator (clients.csv, ;, ;, clients)",
    ),
    "another encoding": (
        lambda h: h.put("therapists.csv", "therapist_id,languages\ntom,español\n".encode("latin-1")),
        "therapists (row 2): wrong-encoding (therapists.csv, utf-8, latin-1, therapists)",
    ),
    "UTF-16 with a byte-order mark": (
        lambda h: h.put("clients.csv", CLIENTS.encode("utf-16")),
        "clients (row 1): wrong-encoding (clients.csv, utf-8, utf-16, clients)",
    ),
    "UTF-16 without one": (
        lambda h: h.put("clients.csv", CLIENTS.encode("utf-16-le")),
        "clients: not-plain-text (clients.csv, clients)",
    ),
    "an unknown encoding": (
        lambda h: h.add('[tables.clients]\nencoding = "utf-9"\n'),
        "clients: unknown-encoding (utf-9, clients)",
    ),
    "more cells than headers": (
        lambda h: h.change("clients.csv", "ben,51", "ben,bob,51"),
        "clients (row 3): more-cells-than-headers (clients.csv, ,, clients)",
    ),
    "an open quotation mark": (
        lambda h: h.change("clients.csv", "ben,51", 'ben,"51'),
        "clients (row 3): quotation-mark-not-closed (clients.csv)",
    ),
    # ids
    "no id column": (
        lambda h: h.change("clients.csv", "client_id", "Client"),
        "clients, client_id: missing-column (client_id, [tables.clients.columns], Did you mean `Client`? Known: "
        "`Client`, `age`, `gender`, and more.)",
    ),
    # the mapping
    "a mapped header that does not exist": (
        lambda h: h.add('[tables.clients.columns]\nphq9 = "PHQ 9"\n'),
        "clients, PHQ 9: header-not-found (tables.clients.columns.phq9, Did you mean `phq9`? Known: `client_id`, "
        "`age`, `gender`, and more.)",
    ),
    "no slot matches the pattern": (
        lambda h: h.add('[tables.clients.columns]\navailability = { slots = "avail *" }\n'),
        "clients, avail *: pattern-without-header (tables.clients.columns.availability, Known: `client_id`, `age`, "
        "`gender`, and more.)",
    ),
    "codes that list almost none": (
        lambda h: h.add('[tables.clients.columns]\ngender = { from = "gender", codes = { F = "female" } }\n'),
        "clients, gender (rows 2, 3, 4): unlisted-code-mostly (3, 3, `f`)",
    ),
    "dates in another form": (
        lambda h: h.put("clients.csv", CLIENTS.replace("2026-05-0", "05/2026/")),
        "clients, referred_on (rows 2, 3): date-not-readable-mostly (2, 3, clients)",
    ),
    "dates in another form than stated": (
        lambda h: h.change("clients.csv", "2026-05-", "05.2026.").add('[tables.clients]\ndates = "%d/%m/%Y"\n'),
        "clients, referred_on (rows 2, 3, 4): date-not-readable-mostly (3, 3, %d/%m/%Y, clients)",
    ),
    "text in a column of numbers": (
        lambda h: h.put("clients.csv", CLIENTS.replace(",12,", ",twelve,").replace(",7,", ",seven,")),
        "clients, phq9 (rows 2, 3): number-not-readable-mostly (2, 2)",
    ),
    "ages in months": (
        lambda h: h.put("clients.csv", CLIENTS.replace("34", "408").replace("51", "612")),
        "clients, age (rows 2, 3): value-not-valid-mostly (2, 3, age, 0, 110)",
    ),
    "a second file without the key": (
        _join_languages("who,language\ntom,french\n", key="id"),
        "spoken.csv, id: header-not-found (tables.therapists.columns.languages.key, Known: `who`, `language`.)",
    ),
    "a second file about other ids": (
        _join_languages("who,language\nsam,french\n", key="who"),
        "spoken.csv, who: no-matching-id (therapists, tables.therapists.columns.languages)",
    ),
    "a second file that is missing": (
        lambda h: h.add('[tables.clients.columns]\nlanguages = { file = "no.csv", key = "a", from = "b" }\n'),
        "clients, b: file-not-found (no.csv, tables.clients.columns.languages.file)",
    ),
    # wishes
    "a wish column that does not exist": (
        lambda h: h.add(WISH),
        "preferences, wish: header-not-found (tables.preferences.wishes.0.column, Known: `client_id`, `age`, "
        "`gender`, and more.)",
    ),
    # outcomes
    "an unknown instrument": (
        lambda h: h.add('[tables.outcomes]\ninstrument = "WAI-RS"\n'),
        "clinic.toml, tables.outcomes.instrument: unknown-outcomes-instrument (WAI-RS, Did you mean `WAI-S`? Known: "
        "`WAI-SR`, `WAI-S`, `SRS`, and more.)",
    ),
    "unknown instruments in most cells": (
        lambda h: h.change("outcomes.csv", "WAI-SR", "CALPAS"),
        "outcomes, instrument (rows 2, 3): unlisted-instrument-mostly (2, 2, Known: `WAI-SR`, `WAI-S`, `SRS`, and "
        "more.)",
    ),
    "scores without an instrument": (
        lambda h: h.change("outcomes.csv", "WAI-SR", ""),
        "outcomes, instrument (rows 2, 3): score-without-instrument-mostly (2, 2)",
    ),
    "sums instead of means": (
        lambda h: h.put("outcomes.csv", OUTCOMES.replace("4.25", "51").replace("3.5", "42")),
        "outcomes, score (rows 2, 3): score-out-of-range-mostly (2, 2, 1, 5, WAI-SR)",
    ),
    "no items match the pattern": (
        lambda h: h.add('[tables.outcomes]\ninstrument = "SRS"\nitems = "srs{}"\n'),
        "outcomes, srs{}: missing-item (SRS, 4, srs1, srs2, srs3, srs4, Known: `client_id`, `therapist_id`, "
        "`session`, and more.)",
    ),
    "items without an instrument": (
        lambda h: h.add('[tables.outcomes]\nitems = "wai{}"\n'),
        "clinic.toml, tables.outcomes.items: items-without-instrument",
    ),
    "raters in other words": (
        lambda h: h.change("outcomes.csv", ",client,", ",patient,"),
        "outcomes, rater (rows 2, 3): value-not-valid-mostly (2, 2, `client`, `therapist`, `observer`)",
    ),
    "outcomes with other ids": (
        lambda h: h.change("outcomes.csv", "tom", "T-1").change("outcomes.csv", "una", "T-2"),
        "outcomes, therapist_id (rows 2, 3): no-known-id (therapists)",
    ),
    # what restricts could be about anyone
    "a wish of an unknown client": (
        lambda h: h.change("preferences.csv", "ann,gender", "dan,gender"),
        "preferences, client_id (row 2): restriction-about-unknown-id (clients)",
    ),
    "a conflict with an unknown therapist": (
        lambda h: h.put("conflicts.csv", "client_id,therapist_id\nann,gus\n"),
        "conflicts, therapist_id (row 2): restriction-about-unknown-id (therapists)",
    ),
    "a conflict whose id changed its case": (
        lambda h: h.put("conflicts.csv", "client_id,therapist_id\nann,Tom\n"),
        "conflicts, therapist_id (row 2): restriction-about-unknown-id (therapists, Did you mean `tom` for `Tom`?)",
    ),
    "a conflict without a client": (
        lambda h: h.put("conflicts.csv", "client_id,therapist_id\n,tom\n"),
        "conflicts, client_id (row 2): restriction-about-unknown-id (clients)",
    ),
    "rows without ids": (
        lambda h: h.change("clients.csv", "ben,51", ",51").change("clients.csv", "cat,27", ",27"),
        "clients, client_id (rows 3, 4): no-id-mostly",
    ),
    # clinic.toml
    "invalid TOML": (
        lambda h: h.add("[tables\n"),
        "clinic.toml: toml-not-valid (Expected ']' at the end of a table declaration (at line 3, column 8))",
    ),
    "a misspelt key": (
        lambda h: h.add("[settings]\nshortlst = 3\n"),
        "clinic.toml, settings.shortlst: unknown-key (shortlst, Did you mean `shortlist`? Known: `shortlist`, "
        "`seed`, `interval`, and more.)",
    ),
    "a misspelt part": (
        lambda h: h.add("[setings]\nshortlist = 3\n"),
        "clinic.toml, setings: unknown-key (setings, Did you mean `settings`? Known: `clinic`, `tables`, `rules`, "
        "and more.)",
    ),
    "a misspelt key deep inside": (
        lambda h: h.add('[tables.clients.columns]\nage = { fro = "Age" }\n'),
        "clinic.toml, tables.clients.columns.age.fro: unknown-key (fro, Did you mean `from`? Known: `from`, "
        "`birth_date`, `slots`, and more.)",
    ),
    "a value of another type": (
        lambda h: h.add('[settings]\nshortlist = "many"\n'),
        "clinic.toml, settings.shortlist: key-not-valid (should be a valid integer)",
    ),
    "an invalid separator": (
        lambda h: h.add("[tables.clients]\nseparator = '\"'\n"),
        "clinic.toml, tables.clients.separator: key-not-valid (use a single character as separator; a quotation "
        "mark is not allowed)",
    ),
    "a value instead of a table": (
        lambda h: h.add("[tables.clients.columns]\nage = 3\n"),
        "clinic.toml, tables.clients.columns.age: not-a-table-of-keys",
    ),
    "a value out of range": (
        lambda h: h.add("[settings]\nband = 2\n"),
        "clinic.toml, settings.band: key-not-valid (should be less than 1)",
    ),
    "a value that is not a choice": (
        lambda h: h.add('[rules.region]\nunknown = "maybe"\n'),
        "clinic.toml, rules.region.unknown: key-not-valid (should be 'allow' or 'exclude')",
    ),
    "a missing key": (
        lambda h: h.add('[[features]]\nname = "field"\nclient = "a"\ntherapist = "b"\n'),
        "clinic.toml, features.0.compare: missing-key (compare)",
    ),
    "two sources for one column": (
        lambda h: h.add('[tables.clients.columns]\nage = { from = "age", birth_date = "born" }\n'),
        "clinic.toml, tables.clients.columns.age: key-not-valid (name the source of the column with one of `from`, "
        "`birth_date`, `slots`, `items`)",
    ),
    "clinic.toml in another encoding": (
        lambda h: h.put("clinic.toml", '[clinic]\nname = "Bühl"\n'.encode("latin-1")),
        "clinic.toml: not-utf-8",
    ),
    "an instrument that exists": (
        lambda h: h.add('[[instruments]]\nname = "srs"\nlow = 0\nhigh = 40\n'),
        "clinic.toml, instruments.srs: duplicate-instrument (srs)",
    ),
    "an instrument with reversed limits": (
        lambda h: h.add('[[instruments]]\nname = "own"\nlow = 5\nhigh = 1\n'),
        "clinic.toml, instruments.0: key-not-valid (`low` must be below `high`, and `item_low` below `item_high`)",
    ),
    "an instrument with reversed early sessions": (
        lambda h: h.add('[[instruments]]\nname = "own"\nlow = 1\nhigh = 5\nearly = [3, 1]\n'),
        "clinic.toml, instruments.0: key-not-valid (`early` must be the first and the last session, in that order)",
    ),
    "a weight that is not a number": (
        lambda h: h.add('[[features]]\nname="x"\nclient = "age"\ntherapist = "age"\ncompare = "same"\nweight = nan\n'),
        "clinic.toml, features.0.weight: key-not-valid (should be a finite number)",
    ),
    "waiting by an unknown column": (
        lambda h: h.add('[waiting]\nwhere = { column = "gendre", is = "man" }\n'),
        "clinic.toml, waiting.where.column: unknown-column (clients, gendre, Did you mean `gender`? Known: "
        "`client_id`, `age`, `gender`, and more.)",
    ),
    "waiting by another type": (
        lambda h: h.add('[waiting]\nwhere = { column = "age", from = "old" }\n'),
        "clinic.toml, waiting.where.from: condition-type-mismatch (age, number, number)",
    ),
    "a site in an unknown column": (
        lambda h: h.add('[settings]\nsite_column = "branch"\n'),
        "clinic.toml, settings.site_column: unknown-column (clients, branch, Known: `client_id`, `age`, `gender`, "
        "and more.)",
    ),
    "an invalid date form": (
        lambda h: h.add('[tables.clients]\ndates = "%q %Q"\n'),
        "clinic.toml, tables.clients.dates: key-not-valid (this is not a date form: write one such as `%m/%d/%Y`, "
        "with %d day, %m month, %Y or %y year)",
    ),
    "a number from slots": (
        lambda h: h.add('[tables.clients.columns]\nage = { slots = "phq*" }\n'),
        "clinic.toml, tables.clients.columns.age: column-kind-mismatch (age, number, set)",
    ),
    "an id from a birth date": (
        lambda h: h.add('[tables.therapists.columns]\ntherapist_id = { birth_date = "updated_on" }\n'),
        "clinic.toml, tables.therapists.columns.therapist_id: column-kind-mismatch (therapist_id, id, number)",
    ),
    "no folder": (
        lambda h: shutil.rmtree(h.folder),
        "clinic.toml: folder-not-found (FOLDER)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_is_the_only_one_with_its_place_and_rows(clinic_folder: ClinicFolder, name: str) -> None:
    damage, error = ERRORS[name]
    damage(clinic_folder)
    errors = describe_faults(fault for fault in clinic_folder.list_faults() if fault.stops)
    assert [one.replace(str(clinic_folder.folder), "FOLDER") for one in errors] == [error]


def test_reading_raises_all_faults(clinic_folder: ClinicFolder) -> None:
    ERRORS["sums instead of means"][0](clinic_folder)
    clinic_folder.change("clients.csv", "ann,34", "ann,-34")
    clinic = Clinic.open(clinic_folder.folder)
    with pytest.raises(DataFault) as raised:
        read_tables(clinic)
    assert raised.value.faults == list_faults(clinic)
    assert describe_faults(raised.value.faults) == [
        "outcomes, score (rows 2, 3): score-out-of-range-mostly (2, 2, 1, 5, WAI-SR)",
        "clients, age (row 2): value-not-valid (age, 0, 110)",
    ]


def test_a_file_in_place_of_the_folder_is_an_error(clinic_folder: ClinicFolder) -> None:
    file = clinic_folder.folder / "clients.csv"
    with raises_faults(f"clinic.toml: not-a-folder ({file})"):
        Clinic.open(file)


def test_all_errors_of_clinic_toml_are_reported_at_once(clinic_folder: ClinicFolder) -> None:
    clinic_folder.add('[settings]\nshortlst = 3\nband = 2\n[rules.payer]\non = "maybe"\n')
    assert describe_faults(clinic_folder.list_faults()) == [
        "clinic.toml, rules.payer.on: key-not-valid (should be a valid boolean)",
        "clinic.toml, settings.band: key-not-valid (should be less than 1)",
        "clinic.toml, settings.shortlst: unknown-key (shortlst, Did you mean `shortlist`? Known: `shortlist`, `seed`, "
        "`interval`, and more.)",
    ]


def test_an_unreadable_file_is_an_error(clinic_folder: ClinicFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert "clients: file-not-readable (clients.csv, Permission denied)" in describe_faults(clinic_folder.list_faults())
