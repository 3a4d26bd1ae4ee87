"""What Attune works around, and the words that tell what is wrong and what was done about it."""

from collections.abc import Callable

import pandas as pd
import pytest

from tests.data.conftest import CLIENTS, Handed

Spoil = Callable[[Handed], object]
UNKNOWN = "Read as unknown; correct it in the file if you can."

NOTES: dict[str, tuple[Spoil, str]] = {
    "an impossible age": (
        lambda h: h.change("clients.csv", "ann,34", "ann,-34"),
        "clients, age: age is not between 0 and 110 (row 2). " + UNKNOWN,
    ),
    "a word where a number belongs": (
        lambda h: h.change("clients.csv", "ann,34", "ann,old"),
        "clients, age: not a number (row 2). " + UNKNOWN,
    ),
    "a date that is none": (
        lambda h: h.change("clients.csv", "2026-05-02", "31/31/2026"),
        "clients, referred_on: not a date such as 2026-06-15 (row 3). " + UNKNOWN,
    ),
    "half of a column, but no more": (
        lambda h: h.put("clients.csv", CLIENTS + "dan,30,man,no,many,\neve,30,man,no,few,\n"),
        "clients, phq9: not a number (rows 5, 6). " + UNKNOWN,
    ),
    "an unknown code": (
        lambda h: h.change("clients.csv", ",no,", ",perhaps,"),
        "clients, lgbtq: not one of `yes`, `no` (row 2). " + UNKNOWN,
    ),
    "a code that is not mapped": (
        lambda h: h.add('[tables.clients.columns]\ngender = { from = "gender", codes = { woman = "f" } }\n'),
        "clients, gender: a code that `codes` does not list (row 3). " + UNKNOWN,
    ),
    "a score out of range": (
        lambda h: h.change("outcomes.csv", "4.25", "42.5"),
        "outcomes, score: not between 1 and 5, the range of WAI-SR (row 2). " + UNKNOWN,
    ),
    "an unknown instrument": (
        lambda h: h.change("outcomes.csv", "2026-05-21,WAI-SR", "2026-05-21,CALPAS"),
        "outcomes, instrument: an unknown instrument (row 3). " + UNKNOWN,
    ),
    "a therapist who has left": (
        lambda h: h.change("outcomes.csv", "tom", "gus"),
        "outcomes, therapist_id: therapists who are not on the roster (row 2). Left out; their clients count as having "
        "met someone.",
    ),
    "an outcome of nobody": (
        lambda h: h.change("outcomes.csv", "ann", "zoe"),
        "outcomes, client_id: clients who are not in `clients` (row 2). Left out.",
    ),
    "a wish of nobody": (
        lambda h: h.change("preferences.csv", "ann", "zoe"),
        "preferences, client_id: clients who are not in `clients` (row 2). Left out.",
    ),
    "a conflict with nobody": (
        lambda h: h.put("conflicts.csv", "client_id,therapist_id\nann,gus\n"),
        "conflicts, therapist_id: therapists who are not on the roster (row 2). Left out.",
    ),
    "a wish nobody can answer": (
        lambda h: h.change("preferences.csv", "age,30-50", "religion,none"),
        "preferences, value: wishes about `religion`, of which the roster says nothing (row 3). They stay unknown.",
    ),
    "a wish for no code": (
        lambda h: h.put("therapists.csv", "therapist_id,gender,age,lgbtq_affirming\ntom,man,40,no\nuna,woman,40,yes\n")
        .change("preferences.csv", "gender,woman,must", "lgbtq_affirming,sure,prefer"),
        "preferences, value: wishes about `lgbtq_affirming` that are no known code (row 2). Left out. Known: `yes`, "
        "`no`.",
    ),
    "a doubled row": (
        lambda h: h.put("clients.csv", CLIENTS + CLIENTS.splitlines()[1] + "\n"),
        "clients: doubled rows: exact copies of earlier ones (row 5). Each is read once.",
    ),
    "a doubled row in another spelling": (
        lambda h: h.put("clients.csv", CLIENTS + "ann,34.0,Woman,NO,12,2026-05-01\n"),
        "clients, client_id: the same id twice, alike in all that is read (row 5). Each is read once.",
    ),
    "an empty row": (
        lambda h: h.change("clients.csv", "ben,", ",,,,,\nben,"),
        "clients: empty rows (row 3). Left out.",
    ),
    "a header twice": (
        lambda h: h.change("clients.csv", "age,gender", "age,Age"),
        "clients, Age: this header stands more than once. Attune calls this one `Age (2)`.",
    ),
    "a column without a header": (
        lambda h: h.change("clients.csv", "age,gender", "age,"),
        "clients: columns without a header. Left out; give them a header if they matter.",
    ),
    "a roster row long unchecked": (
        lambda h: h.change("therapists.csv", "0,2026-06-01", "0,2024-06-01"),
        "therapists, updated_on: roster rows checked more than 180 days before 2026-06-15 (row 3). Check them: until "
        "then the rule `roster_age`, where it is on, keeps them off every list.",
    ),
    "a date ahead": (
        lambda h: h.change("clients.csv", "2026-05-20", "2027-05-20"),
        "clients, referred_on: dates after 2026-06-15 (row 4). Kept; is `clinic.as_of` right?",
    ),
    "a name that is nearly ours": (
        lambda h: h.add('[tables.clients.columns]\ngendr = "gender"\n'),
        "clinic.toml, tables.clients.columns.gendr: `gendr` is no column of Attune's; it is kept as one of your own. "
        "Did you mean `gender`?",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NOTES)
def test_what_can_be_worked_around_is_noted_with_what_was_done(handed: Handed, name: str) -> None:
    spoil, words = NOTES[name]
    spoil(handed)
    assert [str(note) for note in handed.read().warnings] == [words]


def test_a_clinic_without_faults_is_told_nothing(handed: Handed) -> None:
    assert handed.told() == []


def test_all_faults_are_told_at_once_those_that_stop_first(handed: Handed) -> None:
    for name in ("an impossible age", "a date ahead", "a therapist who has left"):
        NOTES[name][0](handed)
    handed.change("preferences.csv", "30-50", "thirtyish").change("preferences.csv", "gender", "height")
    assert [line.startswith("! ") for line in handed.told()] == [True, True, False, False, False]


def test_no_fault_holds_a_cell(handed: Handed) -> None:
    """Every cell of the tables but the ids is made unmistakable; nearly all are then wrong."""
    for name in ("clients.csv", "therapists.csv", "preferences.csv", "outcomes.csv"):
        table = pd.read_csv(handed.folder / name, dtype=str)
        columns = [column for column in table.columns if not column.endswith("_id")]
        table[columns] = "zzsecret" + table[columns].fillna("")
        table.to_csv(handed.folder / name, index=False)
    told = handed.told()
    assert len(told) > 5
    assert not [line for line in told if "zzsecret" in line]
