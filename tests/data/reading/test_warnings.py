"""Warnings: each is about one cell, row or column. Its wording is in tests/golden/messages.json."""

from collections.abc import Callable

import pandas as pd
import pytest

from tests.data.conftest import CLIENTS, ClinicFolder
from tests.fault_descriptions import describe_faults

Damage = Callable[[ClinicFolder], object]

WARNINGS: dict[str, tuple[Damage, str]] = {
    "an impossible age": (
        lambda h: h.change("clients.csv", "ann,34", "ann,-34"),
        "clients, age (row 2): value-not-valid (age, 0, 110)",
    ),
    "text in a column of numbers": (
        lambda h: h.change("clients.csv", "ann,34", "ann,old"),
        "clients, age (row 2): number-not-readable",
    ),
    "a cell that is not a date": (
        lambda h: h.change("clients.csv", "2026-05-02", "31/31/2026"),
        "clients, referred_on (row 3): date-not-readable",
    ),
    "half of a column, but no more": (
        lambda h: h.put("clients.csv", CLIENTS + "dan,30,man,no,many,\neve,30,man,no,few,\n"),
        "clients, phq9 (rows 5, 6): number-not-readable",
    ),
    "an unknown code": (
        lambda h: h.change("clients.csv", ",no,", ",perhaps,"),
        "clients, lgbtq (row 2): value-not-valid (`yes`, `no`)",
    ),
    "a code that is not mapped": (
        lambda h: h.add('[tables.clients.columns]\ngender = { from = "gender", codes = { woman = "f" } }\n'),
        "clients, gender (row 3): unlisted-code",
    ),
    "a score out of range": (
        lambda h: h.change("outcomes.csv", "4.25", "42.5"),
        "outcomes, score (row 2): score-out-of-range (1, 5, WAI-SR)",
    ),
    "an unknown instrument": (
        lambda h: h.change("outcomes.csv", "2026-05-21,WAI-SR", "2026-05-21,CALPAS"),
        "outcomes, instrument (row 3): unlisted-instrument",
    ),
    "a therapist who has left": (
        lambda h: h.change("outcomes.csv", "tom", "gus"),
        "outcomes, therapist_id (row 2): departed-therapist",
    ),
    "an outcome of an unknown client": (
        lambda h: h.change("outcomes.csv", "ann", "zoe"),
        "outcomes, client_id (row 2): rating-of-unknown-client",
    ),
    "a wish of an unknown client": (
        lambda h: h.change("preferences.csv", "ben", "zoe"),
        "preferences, client_id (row 3): unknown-client",
    ),
    "an outcome whose id changed its case": (
        lambda h: h.change("outcomes.csv", "ben", "BEN"),
        "outcomes, client_id (row 3): similar-id (clients, Did you mean `ben` for `BEN`?)",
    ),
    "a row without an id": (
        lambda h: h.change("clients.csv", "cat,27", ",27"),
        "clients, client_id (row 4): row-without-id",
    ),
    "a wish without a value": (
        lambda h: h.change("preferences.csv", "30-50", ""),
        "preferences, value (row 3): incomplete-wish-ignored",
    ),
    "an unknown code, close to a known one": (
        lambda h: h.change("preferences.csv", "gender,woman,must", "gender,womn,prefer"),
        "preferences, value (row 2): wish-for-rare-code (gender, Did you mean `woman`?)",
    ),
    "a wish about an empty column": (
        lambda h: h.change("preferences.csv", "age,30-50", "religion,none"),
        "preferences, value (row 3): wish-about-empty-column (religion)",
    ),
    "a wish for an unknown code": (
        lambda h: h.put("therapists.csv", "therapist_id,gender,age,lgbtq_affirming\ntom,man,40,no\nuna,woman,40,yes\n")
        .change("preferences.csv", "gender,woman,must", "lgbtq_affirming,sure,prefer"),
        "preferences, value (row 2): wish-with-unknown-code-ignored (lgbtq_affirming)",
    ),
    "a duplicate row": (
        lambda h: h.put("clients.csv", CLIENTS + CLIENTS.splitlines()[1] + "\n"),
        "clients (row 5): duplicate-row",
    ),
    "a duplicate row in another spelling": (
        lambda h: h.put("clients.csv", CLIENTS + "ann,34.0,Woman,NO,12,2026-05-01\n"),
        "clients, client_id (row 5): duplicate-id-same-content",
    ),
    "an empty row": (
        lambda h: h.change("clients.csv", "ben,", ",,,,,\nben,"),
        "clients (row 3): empty-row",
    ),
    "a repeated header": (
        lambda h: h.change("clients.csv", "phq9,referred_on", "phq9,PHQ9"),
        "clients, PHQ9: duplicate-header (PHQ9 (2))",
    ),
    "a column without a header": (
        lambda h: h.change("clients.csv", "lgbtq,phq9", "lgbtq,"),
        "clients: column-without-header",
    ),
    "a stale roster row": (
        lambda h: h.change("therapists.csv", "0,2026-06-01", "0,2024-06-01"),
        "therapists, updated_on (row 3): stale-roster-row (180, 2026-06-15)",
    ),
    "a future date": (
        lambda h: h.change("clients.csv", "2026-05-20", "2027-05-20"),
        "clients, referred_on (row 4): date-in-future (2026-06-15)",
    ),
    "a misspelt column name": (
        lambda h: h.add('[tables.clients.columns]\ngendr = "gender"\n'),
        "clinic.toml, tables.clients.columns.gendr: similar-column-name (gendr, gender)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WARNINGS)
def test_a_warning_is_the_only_one_with_its_place_and_rows(clinic_folder: ClinicFolder, name: str) -> None:
    damage, warning = WARNINGS[name]
    damage(clinic_folder)
    assert describe_faults(clinic_folder.read().warnings) == [warning]


def test_a_clinic_without_faults_gets_no_message(clinic_folder: ClinicFolder) -> None:
    assert clinic_folder.format_faults() == []


def test_all_faults_are_reported_at_once_errors_first(clinic_folder: ClinicFolder) -> None:
    for name in ("an impossible age", "a future date", "a therapist who has left"):
        WARNINGS[name][0](clinic_folder)
    clinic_folder.change("preferences.csv", "gender", "height").put(
        "conflicts.csv", "client_id,therapist_id\nann,gus\n"
    )
    kinds = [fault.kind for fault in clinic_folder.list_faults()]
    assert kinds == ["error", "set aside", "warning", "warning", "warning"]


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
