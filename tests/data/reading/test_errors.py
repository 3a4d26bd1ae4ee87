"""What must be mended first, and the words that tell it: what, where, and what to do."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.faults import DataFault
from attune_fit.data.reading.read_clinic import list_faults, read_tables
from tests.data.conftest import CLIENTS, OUTCOMES, Handed

Spoil = Callable[[Handed], object]
CLIENT_COLUMNS = "`client_id`, `age`, `gender`, `lgbtq`, `phq9`, `referred_on`"


def _both_files(handed: Handed) -> None:
    pd.DataFrame({"client_id": ["ann"]}).to_parquet(handed.folder / "clients.parquet")


def _joined(lines: str, key: str) -> Spoil:
    def spoil(handed: Handed) -> None:
        handed.put("spoken.csv", lines)
        said = f'languages = {{ file = "spoken.csv", key = "{key}", from = "language" }}'
        handed.add(f"[tables.therapists.columns]\n{said}\n")

    return spoil


WISH = '[[tables.preferences.wishes]]\ncolumn = "wish"\nattribute = "gender"\n'


STOPS: dict[str, tuple[Spoil, str]] = {
    # the folder and its files
    "no clients": (
        lambda h: h.drop("clients.csv"),
        "clients: the clinic folder has no such table. Put clients.csv or clients.parquet there, or name yours: "
        "`file` under [tables.clients] in clinic.toml.",
    ),
    "a named file is missing": (
        lambda h: h.add('[tables.outcomes]\nfile = "forms.csv"\n'),
        "outcomes: the file forms.csv is not there. Put it in the clinic folder, or correct `file` under "
        "[tables.outcomes] in clinic.toml.",
    ),
    "an empty file": (
        lambda h: h.put("therapists.csv", ""),
        "therapists: therapists.csv is empty. Export it again: its first row must hold the headers.",
    ),
    "a file of a byte-order mark": (
        lambda h: h.put("therapists.csv", b"\xef\xbb\xbf"),
        "therapists: therapists.csv is empty. Export it again: its first row must hold the headers.",
    ),
    "a header without rows": (
        lambda h: h.put("therapists.csv", "therapist_id,age\n"),
        "therapists: therapists.csv has a header and no rows. Export it again: nobody can be ranked without.",
    ),
    "csv and parquet": (
        _both_files,
        "clients: both clients.csv and clients.parquet are there. Keep one, or name it: `file` under "
        "[tables.clients].",
    ),
    "parquet that is none": (
        lambda h: h.drop("clients.csv").put("clients.parquet", "client_id\nann\n"),
        "clients: clients.parquet is no Parquet file, or is damaged. Export it again.",
    ),
    # how a file is written
    "another separator": (
        lambda h: h.put("clients.csv", CLIENTS.replace(",", ";")),
        'clients: clients.csv has a single column, and `;` in its header. Add `separator = ";"` under '
        "[tables.clients].",
    ),
    "another encoding": (
        lambda h: h.put("therapists.csv", "therapist_id,languages\ntom,español\n".encode("latin-1")),
        "therapists: therapists.csv is not written in utf-8 (row 2). Name its encoding, such as "
        '`encoding = "latin-1"`, under [tables.therapists].',
    ),
    "UTF-16 with its mark": (
        lambda h: h.put("clients.csv", CLIENTS.encode("utf-16")),
        'clients: clients.csv is not written in utf-8 (row 1). Name its encoding, such as `encoding = "utf-16"`, '
        "under [tables.clients].",
    ),
    "UTF-16 without it": (
        lambda h: h.put("clients.csv", CLIENTS.encode("utf-16-le")),
        'clients: clients.csv is not plain text. If it is UTF-16, add `encoding = "utf-16"` under [tables.clients].',
    ),
    "an encoding nobody knows": (
        lambda h: h.add('[tables.clients]\nencoding = "utf-9"\n'),
        "clients: there is no encoding `utf-9`. Use `utf-8`, `latin-1` or `cp1252` under [tables.clients].",
    ),
    "more cells than headers": (
        lambda h: h.change("clients.csv", "ben,51", "ben,bob,51"),
        "clients: rows of clients.csv have more cells than its header (row 3). Put quotation marks around cells that "
        "hold `,`, or correct `separator` under [tables.clients].",
    ),
    "an open quotation mark": (
        lambda h: h.change("clients.csv", "ben,51", 'ben,"51'),
        "clients: a quotation mark in clients.csv is never closed (row 3). Close it or delete it.",
    ),
    # ids
    "no id column": (
        lambda h: h.change("clients.csv", "client_id", "Client"),
        'clients, client_id: the file has no such column, and it is needed. Map it: `client_id = "its header"` under '
        "[tables.clients.columns]. Did you mean `Client`? Known: `Client`, `age`, `gender`, `lgbtq`, `phq9`, "
        "`referred_on`.",
    ),
    "an empty id": (
        lambda h: h.change("clients.csv", "cat,27", ",27"),
        "clients, client_id: empty, though the row needs it (row 4). Fill it in, or delete the row.",
    ),
    "two clients with one id": (
        lambda h: h.change("clients.csv", "cat,27", "ben,27"),
        "clients, client_id: the same id with different content (rows 3, 4). Keep the right row, or give each its own "
        "id.",
    ),
    # the mapping
    "a mapped header that is not there": (
        lambda h: h.add('[tables.clients.columns]\nphq9 = "PHQ 9"\n'),
        "clients, PHQ 9: the file has no such header. Correct `tables.clients.columns.phq9` in clinic.toml. Did you "
        f"mean `phq9`? Known: {CLIENT_COLUMNS}.",
    ),
    "no slot of that form": (
        lambda h: h.add('[tables.clients.columns]\navailability = { slots = "avail *" }\n'),
        "clients, avail *: no header has this form. Correct `tables.clients.columns.availability` in clinic.toml. "
        f"Known: {CLIENT_COLUMNS}.",
    ),
    "codes that list hardly any": (
        lambda h: h.add('[tables.clients.columns]\ngender = { from = "gender", codes = { F = "female" } }\n'),
        "clients, gender: 3 of 3 cells: a code that `codes` does not list (rows 2, 3, 4). The mapping is likely wrong: "
        "list the clinic's codes in `codes`. It knows `f`.",
    ),
    "dates of another form": (
        lambda h: h.put("clients.csv", CLIENTS.replace("2026-05-0", "05/2026/")),
        "clients, referred_on: 2 of 3 cells: not a date such as 2026-06-15 (rows 2, 3). The mapping is likely wrong: "
        'name the right header, or the form, such as `dates = "%m/%d/%Y"` under [tables.clients].',
    ),
    "dates of another form than stated": (
        lambda h: h.change("clients.csv", "2026-05-", "05.2026.").add('[tables.clients]\ndates = "%d/%m/%Y"\n'),
        "clients, referred_on: 3 of 3 cells: not a date of the form `%d/%m/%Y` (rows 2, 3, 4). The mapping is likely "
        'wrong: name the right header, or the form, such as `dates = "%m/%d/%Y"` under [tables.clients].',
    ),
    "words where numbers belong": (
        lambda h: h.put("clients.csv", CLIENTS.replace(",12,", ",twelve,").replace(",7,", ",seven,")),
        "clients, phq9: 2 of 2 cells: not a number (rows 2, 3). The mapping is likely wrong: name the right header, "
        "the codes in `missing`, or the `decimal` mark.",
    ),
    "ages in months": (
        lambda h: h.put("clients.csv", CLIENTS.replace("34", "408").replace("51", "612")),
        "clients, age: 2 of 3 cells: age is not between 0 and 110 (rows 2, 3). The mapping is likely wrong: name the "
        "right header, or bring its values to ours with `codes` or `scale`.",
    ),
    "a second file without the key": (
        _joined("who,language\ntom,french\n", key="id"),
        "spoken.csv, id: the file has no such header. Correct `tables.therapists.columns.languages.key` in "
        "clinic.toml. Known: `who`, `language`.",
    ),
    "a second file about others": (
        _joined("who,language\nsam,french\n", key="who"),
        "spoken.csv, who: none of its ids is an id of therapists. Correct `tables.therapists.columns.languages.key` in "
        "clinic.toml.",
    ),
    "a second file that is missing": (
        lambda h: h.add('[tables.clients.columns]\nlanguages = { file = "no.csv", key = "a", from = "b" }\n'),
        "clients, b: the file no.csv is not there. Correct `tables.clients.columns.languages.file` in clinic.toml.",
    ),
    # wishes
    "a wish about no column": (
        lambda h: h.change("preferences.csv", "ann,gender,", "ann,height,"),
        "preferences, attribute: a wish about a column that the roster does not have (row 2). Name a column of "
        "therapists: `therapist_id`, `age`, `gender`,",
    ),
    "an unknown strength": (
        lambda h: h.change("preferences.csv", "must", "should"),
        "preferences, strength: not one of `must`, `prefer`, `avoid`, `never` (row 2). Correct these cells: the row "
        "means nothing without it.",
    ),
    "a wished number that is none": (
        lambda h: h.change("preferences.csv", "30-50", "thirtyish"),
        "preferences, value: wishes about `age`, which holds numbers, that say none (row 3). Write a number, `40-60`, "
        "`65-`, `>=10` or `<=45`.",
    ),
    "a wish about a date": (
        lambda h: h.change("preferences.csv", "age,30-50", "updated_on,2026-06-01"),
        "preferences, value: wishes about `updated_on`, which holds dates (row 3). Wish for a number or a code.",
    ),
    "a wish without a value": (
        lambda h: h.change("preferences.csv", "30-50", ""),
        "preferences, value: empty, though the row needs it (row 3). Fill it in, or delete the row.",
    ),
    "wishes without a strength": (
        lambda h: h.put("clients.csv", "client_id,wish\nann,woman (must)\nben,woman\ncat,woman (perhaps)\n").add(WISH),
        "preferences, wish: no strength in brackets that `strengths` lists (rows 3, 4). Write `value (strength)`; "
        "known: `must`, `prefer`, `avoid`, `never`.",
    ),
    "a wish column that is not there": (
        lambda h: h.add(WISH),
        "preferences, wish: the file has no such header. Correct `tables.preferences.wishes.0.column` in clinic.toml. "
        f"Known: {CLIENT_COLUMNS}.",
    ),
    # outcomes
    "an instrument nobody knows": (
        lambda h: h.add('[tables.outcomes]\ninstrument = "WAI-RS"\n'),
        "clinic.toml, tables.outcomes.instrument: unknown instrument `WAI-RS`. Did you mean `WAI-S`? Known: `WAI-SR`, "
        "`WAI-S`, `SRS`, `ARM-5`. Describe your own under [[instruments]].",
    ),
    "unknown instruments in most cells": (
        lambda h: h.change("outcomes.csv", "WAI-SR", "CALPAS"),
        "outcomes, instrument: 2 of 2 cells: an unknown instrument (rows 2, 3). The mapping is likely wrong: bring it "
        "to ours with `codes`, or describe your own under [[instruments]]. Known: `WAI-SR`, `WAI-S`, `SRS`, `ARM-5`.",
    ),
    "scores of no instrument": (
        lambda h: h.change("outcomes.csv", "WAI-SR", ""),
        "outcomes, instrument: 2 of 2 cells: a score whose instrument is not named (rows 2, 3). The mapping is likely "
        'wrong: say which it is: `instrument = "WAI-SR"` under [tables.outcomes].',
    ),
    "sums where means belong": (
        lambda h: h.put("outcomes.csv", OUTCOMES.replace("4.25", "51").replace("3.5", "42")),
        "outcomes, score: 2 of 2 cells: not between 1 and 5, the range of WAI-SR (rows 2, 3). The mapping is likely "
        "wrong: bring it to these points with `scale`, or describe your own instrument under [[instruments]].",
    ),
    "no items of that form": (
        lambda h: h.add('[tables.outcomes]\ninstrument = "SRS"\nitems = "srs{}"\n'),
        "outcomes, srs{}: SRS has 4 items, and the file lacks srs1, srs2, srs3, srs4. Correct `tables.outcomes.items` "
        "in clinic.toml. Headers: `client_id`, `therapist_id`, `session`, `measured_on`, `instrument`, `rater`, "
        "`score`.",
    ),
    "items of no instrument": (
        lambda h: h.add('[tables.outcomes]\nitems = "wai{}"\n'),
        "clinic.toml, tables.outcomes.items: items need an instrument that scores them. Add "
        '`instrument = "WAI-SR"`, or the one it is, under [tables.outcomes].',
    ),
    "raters in other words": (
        lambda h: h.change("outcomes.csv", ",client,", ",patient,"),
        "outcomes, rater: 2 of 2 cells: not one of `client`, `therapist`, `observer` (rows 2, 3). The mapping is "
        "likely wrong: name the right header, or bring its values to ours with `codes` or `scale`.",
    ),
    "outcomes of quite other ids": (
        lambda h: h.change("outcomes.csv", "tom", "T-1").change("outcomes.csv", "una", "T-2"),
        "outcomes, therapist_id: every row is about therapists who are not on the roster (rows 2, 3). Spell ids alike "
        "in both files.",
    ),
    "age groups in words": (
        lambda h: h.put("therapists.csv", "therapist_id,age,gender,age_groups\ntom,44,man,65-\nuna,38,man,adults\n"),
        "therapists, age_groups: not a span of numbers (row 3). Write `18-64` or `65-`, or map the clinic's words: "
        '`codes = { adults = "18-64" }`.',
    ),
    # clinic.toml
    "TOML that is none": (
        lambda h: h.add("[tables\n"),
        "clinic.toml: not valid TOML: ",
    ),
    "a key with a slip": (
        lambda h: h.add("[settings]\nshortlst = 3\n"),
        "clinic.toml, settings.shortlst: unknown key `shortlst`. Did you mean `shortlist`? Known: `shortlist`, `seed`,",
    ),
    "a part with a slip": (
        lambda h: h.add("[setings]\nshortlist = 3\n"),
        "clinic.toml, setings: unknown key `setings`. Did you mean `settings`? Known: `clinic`, `tables`, `rules`, "
        "`features`, `instruments`, `settings`, `waiting`,",
    ),
    "a slip deep inside": (
        lambda h: h.add('[tables.clients.columns]\nage = { fro = "Age" }\n'),
        "clinic.toml, tables.clients.columns.age.fro: unknown key `fro`. Did you mean `from`? Known: `from`,",
    ),
    "a value of another type": (
        lambda h: h.add('[settings]\nshortlist = "many"\n'),
        "clinic.toml, settings.shortlist: should be a valid integer. Correct it in clinic.toml.",
    ),
    "a separator that cannot be one": (
        lambda h: h.add("[tables.clients]\nseparator = '\"'\n"),
        "clinic.toml, tables.clients.separator: a separator is a single character, and no quotation mark. Correct it "
        "in clinic.toml.",
    ),
    "a value where a table belongs": (
        lambda h: h.add("[tables.clients.columns]\nage = 3\n"),
        "clinic.toml, tables.clients.columns.age: should be a table of keys. Correct it in clinic.toml.",
    ),
    "a value out of range": (
        lambda h: h.add("[settings]\nband = 2\n"),
        "clinic.toml, settings.band: should be less than 1. Correct it in clinic.toml.",
    ),
    "a value that is no choice": (
        lambda h: h.add('[rules.region]\nunknown = "maybe"\n'),
        "clinic.toml, rules.region.unknown: should be 'allow' or 'exclude'. Correct it in clinic.toml.",
    ),
    "a key left out": (
        lambda h: h.add('[[features]]\nname = "field"\nclient = "a"\ntherapist = "b"\n'),
        "clinic.toml, features.0.compare: `compare` is needed. Add it.",
    ),
    "two sources for one column": (
        lambda h: h.add('[tables.clients.columns]\nage = { from = "age", birth_date = "born" }\n'),
        "clinic.toml, tables.clients.columns.age: say where the column comes from: one of `from`, `birth_date`, "
        "`slots`. Correct it in clinic.toml.",
    ),
    "clinic.toml in another encoding": (
        lambda h: h.put("clinic.toml", '[clinic]\nname = "Bühl"\n'.encode("latin-1")),
        "clinic.toml: not written in UTF-8. Save it as UTF-8.",
    ),
    "an instrument that exists": (
        lambda h: h.add('[[instruments]]\nname = "srs"\nlow = 0\nhigh = 40\n'),
        "clinic.toml, instruments.srs: an instrument `srs` exists already. Give your own another name.",
    ),
    "an instrument upside down": (
        lambda h: h.add('[[instruments]]\nname = "own"\nlow = 5\nhigh = 1\n'),
        "clinic.toml, instruments.0: `low` must be below `high`, and `item_low` below `item_high`. Correct it in "
        "clinic.toml.",
    ),
    "an instrument whose early sessions never come": (
        lambda h: h.add('[[instruments]]\nname = "own"\nlow = 1\nhigh = 5\nearly = [3, 1]\n'),
        "clinic.toml, instruments.0: `early` is the first and the last session, in that order. Correct it in",
    ),
    "a weight that is no number": (
        lambda h: h.add('[[features]]\nname="x"\nclient = "age"\ntherapist = "age"\ncompare = "same"\nweight = nan\n'),
        "clinic.toml, features.0.weight: should be a finite number. Correct it in clinic.toml.",
    ),
    "waiting by no column": (
        lambda h: h.add('[waiting]\nwhere = { column = "gendre", is = "man" }\n'),
        "clinic.toml, waiting.where.column: clients has no column `gendre`. Did you mean `gender`? Known: `client_id`,",
    ),
    "waiting by another type": (
        lambda h: h.add('[waiting]\nwhere = { column = "age", from = "old" }\n'),
        "clinic.toml, waiting.where.from: `age` holds numbers. Write one, without quotation marks.",
    ),
    "a site of no column": (
        lambda h: h.add('[settings]\nsite_column = "branch"\n'),
        "clinic.toml, settings.site_column: clients has no column `branch`. Known: `client_id`,",
    ),
    "a must for no code": (
        lambda h: h.put("therapists.csv", "therapist_id,gender,age,lgbtq_affirming\ntom,man,40,no\nuna,woman,40,yes\n")
        .change("preferences.csv", "gender,woman", "lgbtq_affirming,sure"),
        "preferences, value: a `must` or `never` about `lgbtq_affirming` that is no known code (row 2). Correct the "
        "cell, or list the clinic's word in the wish's `codes`. Known: `yes`, `no`.",
    ),
    "a date form nobody can read": (
        lambda h: h.add('[tables.clients]\ndates = "%q %Q"\n'),
        "clinic.toml, tables.clients.dates: no date form: write it as `%m/%d/%Y`, with %d day, %m month, %Y or %y "
        "year. Correct it in clinic.toml.",
    ),
    "a number made of slots": (
        lambda h: h.add('[tables.clients.columns]\nage = { slots = "phq*" }\n'),
        "clinic.toml, tables.clients.columns.age: `age` is of the kind number, and what is asked for makes a set. Name "
        "one header with `from`, or another column.",
    ),
    "an id made of a birth date": (
        lambda h: h.add('[tables.therapists.columns]\ntherapist_id = { birth_date = "updated_on" }\n'),
        "clinic.toml, tables.therapists.columns.therapist_id: `therapist_id` is of the kind id, and what "
        "is asked for makes a number.",
    ),
    "no folder": (
        lambda h: shutil.rmtree(h.folder),
        "clinic is not there. Name the folder that holds your tables.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STOPS)
def test_what_must_be_mended_stops_and_says_how(handed: Handed, name: str) -> None:
    spoil, words = STOPS[name]
    spoil(handed)
    told = [line for line in handed.told() if line.startswith("! ")]
    assert len(told) == 1, told
    assert words in told[0]


def test_reading_raises_everything_found(handed: Handed) -> None:
    STOPS["sums where means belong"][0](handed)
    handed.change("clients.csv", "ann,34", "ann,-34")
    clinic = Clinic.open(handed.folder)
    with pytest.raises(DataFault, match=r"bring it to these points with `scale`") as raised:
        read_tables(clinic)
    assert raised.value.faults == list_faults(clinic)
    assert [fault.stops for fault in raised.value.faults] == [True, False]


def test_a_file_in_place_of_the_folder_stops(handed: Handed) -> None:
    with pytest.raises(
        DataFault, match=r"clients.csv is a file, not a folder. Name the folder that holds your tables."
    ):
        Clinic.open(handed.folder / "clients.csv")


def test_every_fault_of_clinic_toml_is_told_at_once(handed: Handed) -> None:
    handed.add('[settings]\nshortlst = 3\nband = 2\n[rules.payer]\non = "maybe"\n')
    assert len(handed.told()) == 3


def test_a_file_nobody_may_read_stops(handed: Handed, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert "! clients: clients.csv cannot be read: Permission denied. Allow Attune to read it." in handed.told()
