"""Warnings: each message names what is wrong and how Attune worked around it."""

from collections.abc import Callable

import pandas as pd
import pytest

from tests.data.conftest import CLIENTS, ClinicFolder

Damage = Callable[[ClinicFolder], object]
TREATED_AS_MISSING = "Attune treats such cells as missing. Correct them in the file if you can."

WARNINGS: dict[str, tuple[Damage, str]] = {
    "an impossible age": (
        lambda h: h.change("clients.csv", "ann,34", "ann,-34"),
        "clients, age: age is not between 0 and 110 (row 2). " + TREATED_AS_MISSING,
    ),
    "text in a column of numbers": (
        lambda h: h.change("clients.csv", "ann,34", "ann,old"),
        "clients, age: not a number (row 2). " + TREATED_AS_MISSING,
    ),
    "a cell that is not a date": (
        lambda h: h.change("clients.csv", "2026-05-02", "31/31/2026"),
        "clients, referred_on: not a date such as 2026-06-15 (row 3). " + TREATED_AS_MISSING,
    ),
    "half of a column, but no more": (
        lambda h: h.put("clients.csv", CLIENTS + "dan,30,man,no,many,\neve,30,man,no,few,\n"),
        "clients, phq9: not a number (rows 5, 6). " + TREATED_AS_MISSING,
    ),
    "an unknown code": (
        lambda h: h.change("clients.csv", ",no,", ",perhaps,"),
        "clients, lgbtq: not one of `yes`, `no` (row 2). " + TREATED_AS_MISSING,
    ),
    "a code that is not mapped": (
        lambda h: h.add('[tables.clients.columns]\ngender = { from = "gender", codes = { woman = "f" } }\n'),
        "clients, gender: a code that `codes` does not list (row 3). " + TREATED_AS_MISSING,
    ),
    "a score out of range": (
        lambda h: h.change("outcomes.csv", "4.25", "42.5"),
        "outcomes, score: not between 1 and 5, the range of WAI-SR (row 2). " + TREATED_AS_MISSING,
    ),
    "an unknown instrument": (
        lambda h: h.change("outcomes.csv", "2026-05-21,WAI-SR", "2026-05-21,CALPAS"),
        "outcomes, instrument: unknown instrument (row 3). " + TREATED_AS_MISSING,
    ),
    "a therapist who has left": (
        lambda h: h.change("outcomes.csv", "tom", "gus"),
        "outcomes, therapist_id: therapists who are not on the roster (row 2). Attune ignores these rows. The "
        "clients count as having met a therapist.",
    ),
    "an outcome of an unknown client": (
        lambda h: h.change("outcomes.csv", "ann", "zoe"),
        "outcomes, client_id: clients who are not in `clients` (row 2). Attune ignores these rows.",
    ),
    "a wish of an unknown client": (
        lambda h: h.change("preferences.csv", "ann", "zoe"),
        "preferences, client_id: clients who are not in `clients` (row 2). Attune ignores these rows.",
    ),
    "a conflict with an unknown therapist": (
        lambda h: h.put("conflicts.csv", "client_id,therapist_id\nann,gus\n"),
        "conflicts, therapist_id: therapists who are not on the roster (row 2). Attune ignores these rows.",
    ),
    "a wish about an empty column": (
        lambda h: h.change("preferences.csv", "age,30-50", "religion,none"),
        "preferences, value: wishes about `religion`, which is empty on the roster (row 3). Attune cannot check "
        "these wishes.",
    ),
    "a wish for an unknown code": (
        lambda h: h.put("therapists.csv", "therapist_id,gender,age,lgbtq_affirming\ntom,man,40,no\nuna,woman,40,yes\n")
        .change("preferences.csv", "gender,woman,must", "lgbtq_affirming,sure,prefer"),
        "preferences, value: wishes about `lgbtq_affirming` with an unknown code (row 2). Attune ignores these "
        "wishes. Known: `yes`, `no`.",
    ),
    "a duplicate row": (
        lambda h: h.put("clients.csv", CLIENTS + CLIENTS.splitlines()[1] + "\n"),
        "clients: duplicate rows: exact copies of earlier rows (row 5). Attune ignores the copies.",
    ),
    "a duplicate row in another spelling": (
        lambda h: h.put("clients.csv", CLIENTS + "ann,34.0,Woman,NO,12,2026-05-01\n"),
        "clients, client_id: the same id again, with the same content (row 5). Attune ignores the copies.",
    ),
    "an empty row": (
        lambda h: h.change("clients.csv", "ben,", ",,,,,\nben,"),
        "clients: empty rows (row 3). Attune ignores them.",
    ),
    "a repeated header": (
        lambda h: h.change("clients.csv", "age,gender", "age,Age"),
        "clients, Age: the file has this header more than once. Attune calls this column `Age (2)`.",
    ),
    "a column without a header": (
        lambda h: h.change("clients.csv", "age,gender", "age,"),
        "clients: columns without a header. Attune ignores them. Add a header if you need them.",
    ),
    "a stale roster row": (
        lambda h: h.change("therapists.csv", "0,2026-06-01", "0,2024-06-01"),
        "therapists, updated_on: roster rows checked more than 180 days before 2026-06-15 (row 3). Check them. "
        "Until then the rule `roster_age`, where it is on, excludes these therapists.",
    ),
    "a future date": (
        lambda h: h.change("clients.csv", "2026-05-20", "2027-05-20"),
        "clients, referred_on: dates after 2026-06-15 (row 4). Attune keeps them. Check `clinic.as_of`.",
    ),
    "a misspelt column name": (
        lambda h: h.add('[tables.clients.columns]\ngendr = "gender"\n'),
        "clinic.toml, tables.clients.columns.gendr: Attune has no column `gendr` and keeps it as one of your own. "
        "Did you mean `gender`?",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WARNINGS)
def test_a_warning_states_what_attune_did(clinic_folder: ClinicFolder, name: str) -> None:
    damage, message = WARNINGS[name]
    damage(clinic_folder)
    assert [str(warning) for warning in clinic_folder.read().warnings] == [message]


def test_a_clinic_without_faults_gets_no_message(clinic_folder: ClinicFolder) -> None:
    assert clinic_folder.format_faults() == []


def test_all_faults_are_reported_at_once_errors_first(clinic_folder: ClinicFolder) -> None:
    for name in ("an impossible age", "a future date", "a therapist who has left"):
        WARNINGS[name][0](clinic_folder)
    clinic_folder.change("preferences.csv", "30-50", "thirtyish").change("preferences.csv", "gender", "height")
    assert [line.startswith("! ") for line in clinic_folder.format_faults()] == [True, True, False, False, False]


def test_no_fault_holds_a_cell(clinic_folder: ClinicFolder) -> None:
    """Every cell of the tables but the ids gets a unique mark; nearly all are then wrong."""
    for name in ("clients.csv", "therapists.csv", "preferences.csv", "outcomes.csv"):
        table = pd.read_csv(clinic_folder.folder / name, dtype=str)
        columns = [column for column in table.columns if not column.endswith("_id")]
        table[columns] = "zzsecret" + table[columns].fillna("")
        table.to_csv(clinic_folder.folder / name, index=False)
    messages = clinic_folder.format_faults()
    assert len(messages) > 5
    assert not [line for line in messages if "zzsecret" in line]
