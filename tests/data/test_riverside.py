"""The messy example: the faults that `check` must list, counted again from the raw files."""

import csv
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.tables import Tables
from attune_fit.data.clinic.waiting_clients import find_waiting_clients
from attune_fit.data.outcomes.early_alliance import compute_early_alliance
from attune_fit.data.reading.read_clinic import list_faults, read_tables
from tests.fault_descriptions import describe_faults

FOLDER = Path(__file__).resolve().parents[2] / "examples" / "riverside"


def rows(name: str, encoding: str = "utf-8-sig", delimiter: str = ",") -> list[dict[str, str]]:
    """Return a file as read by Python's own reader."""
    with (FOLDER / name).open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


INTAKE, FORMS = rows("intake_export.csv"), rows("wai_responses.csv")
CLINICIANS = rows("clinicians.csv", "latin-1", ";")


@pytest.fixture(scope="module")
def clinic() -> Clinic:
    return Clinic.open(FOLDER)


@pytest.fixture(scope="module")
def tables(clinic: Clinic) -> Tables:
    return read_tables(clinic)


def spreadsheet_rows(listed: list[dict[str, str]], wanted: list[bool]) -> tuple[int, ...]:
    """Return the spreadsheet rows where ``wanted`` is true."""
    return tuple(number for number, (_, holds) in enumerate(zip(listed, wanted, strict=True), 2) if holds)


def is_duplicate(listed: list[dict[str, str]]) -> list[bool]:
    earlier: set[tuple[str, ...]] = set()
    duplicates = []
    for row in listed:
        cells = tuple(row.values())
        duplicates.append(cells in earlier and any(cells))
        earlier.add(cells)
    return duplicates


def test_check_lists_every_fault_and_none_is_an_error(clinic: Clinic) -> None:
    found = {(fault.table, fault.column, fault.id): fault for fault in list_faults(clinic)}
    assert not [fault for fault in found.values() if fault.stops]
    roster = {row["Clinician"] for row in CLINICIANS}
    once = [not again for again in is_duplicate(FORMS)]
    missing = [sum(row[f"wai{item}"] == "" for item in range(1, 13)) for row in FORMS]
    expected = {
        ("clients", "", "duplicate-row"): spreadsheet_rows(INTAKE, is_duplicate(INTAKE)),
        ("clients", "", "empty-row"): spreadsheet_rows(INTAKE, [not any(row.values()) for row in INTAKE]),
        ("clients", "DOB", "value-not-valid"): spreadsheet_rows(INTAKE, [row["DOB"] == "01/01/1900" for row in INTAKE]),
        ("outcomes", "", "duplicate-row"): spreadsheet_rows(FORMS, is_duplicate(FORMS)),
        ("outcomes", "clinician", "departed-therapist"): spreadsheet_rows(
            FORMS, [row["clinician"] not in roster for row in FORMS]
        ),
        ("outcomes", "wai2", "answer-out-of-range"): spreadsheet_rows(FORMS, [row["wai2"] == "9.0" for row in FORMS]),
        ("outcomes", "wai1 to wai12", "incomplete-form"): spreadsheet_rows(
            FORMS, [count == 1 and first for count, first in zip(missing, once, strict=True)]
        ),
        ("outcomes", "wai1 to wai12", "form-without-score"): spreadsheet_rows(
            FORMS, [count == 9 and first for count, first in zip(missing, once, strict=True)]
        ),
        ("therapists", "Roster checked", "stale-roster-row"): spreadsheet_rows(
            CLINICIANS, [row["Roster checked"] == "11/02/2024" for row in CLINICIANS]
        ),
    }
    for place, where in expected.items():
        assert found[place].rows == where, place
    others = set(found) - set(expected)
    assert others == {
        ("clients", "Referral date", "date-in-future"),
        ("outcomes", "completed", "date-in-future"),
    }
    numbers = {one.rpartition(": ")[2] for one in describe_faults(found.values()) if one.endswith(")")}
    assert numbers == {
        "value-not-valid (age, 0, 110)",
        "answer-out-of-range (1, 5, WAI-SR)",
        "form-without-score (10, 12)",
        "stale-roster-row (180, 2026-06-15)",
        "date-in-future (2026-06-15)",
    }


def test_the_counts_are_those_of_the_readme(clinic: Clinic) -> None:
    counts = Counter({fault.id: len(fault.rows) for fault in list_faults(clinic) if fault.table == "outcomes"})
    assert counts["incomplete-form"] == 25
    assert counts["form-without-score"] == 6
    assert counts["duplicate-row"] == 5
    assert counts["departed-therapist"] == 3


def test_no_fault_contains_a_cell(clinic: Clinic) -> None:
    messages = "\n".join(map(str, list_faults(clinic)))
    for listed in (INTAKE, FORMS, CLINICIANS):
        for header in listed[0]:
            for cell in {row[header] for row in listed if len(row[header]) > 4}:
                assert cell not in messages, header


def test_every_client_is_read_once(tables: Tables) -> None:
    assert len(tables.clients) == 1020 == tables.clients["client_id"].nunique()
    assert len(tables.therapists) == 38
    assert len(tables.met_client_ids) == 806


def test_a_hundred_and_twenty_wait(clinic: Clinic, tables: Tables) -> None:
    names = tables.clients["client_id"].iloc[find_waiting_clients(clinic, tables)]
    assert sorted(names) == [f"RV-{number:06d}" for number in range(900, 1020)]


def test_cells_are_read_as_in_the_code_book(tables: Tables) -> None:
    ours = tables.clients.set_index("client_id")
    words = {"F": "woman", "M": "man", "X": "nonbinary", "?": None}
    formats = {"Telehealth": "video", "Office": "in person", "Either": "video|in person"}
    for row in INTAKE[:400]:
        if row["Client ID"]:
            read_as = ours.loc[row["Client ID"]]
            assert _same(read_as["gender"], words[row["Gender"]])
            assert _same(read_as["formats"], formats[row["Session type"]])
            assert _same(read_as["payer"], row["Ins."].strip().lower())
            assert _same(read_as["presenting_problems"], row["Concerns"].lower().replace("; ", "|"))
            slots = [header[6:] for header, cell in row.items() if header.startswith("avail ") and cell == "x"]
            assert _same(read_as["availability"], "|".join(slots) or None)
            for name, header, scale in (
                ("phq9", "PHQ9", 1),
                ("outcome_expectancy", "Expect therapy to help (0-100)", 100),
            ):
                cell = row[header]
                known = cell not in ("", "declined") and float(cell) != 99
                assert read_as[name] == pytest.approx(float(cell) / scale if known else np.nan, nan_ok=True)


def _same(found: Any, expected: str | None) -> bool:
    return bool(pd.isna(found)) if expected is None else bool(found == expected)


def test_wishes_and_columns_use_the_same_words(tables: Tables) -> None:
    strengths = {"required": "must", "preferred": "prefer", "NOT": "never"}
    first = {row["Client ID"]: row for row in reversed(INTAKE) if row["Client ID"]}
    expected: Counter[tuple[str, str]] = Counter()
    for row in first.values():
        for header in ("gender", "background", "faith"):
            if wish := row[f"Therapist {header} wish"]:
                value, strength = wish.removesuffix(")").split(" (")
                value = {"F": "woman", "M": "man"}.get(value, value.lower())
                expected[value, strengths[strength]] += 1
    some = tables.preferences[tables.preferences["attribute"].isin(["gender", "race_ethnicity", "religion"])]
    assert Counter(zip(some["value"], some["strength"], strict=True)) == expected
    for attribute, rows_of in tables.preferences.groupby("attribute"):
        known = set(tables.therapists[attribute].dropna().str.split("|").explode())
        assert set(rows_of["value"]) <= known | {"muslim"}  # no therapist of the roster is Muslim


def test_forms_are_scored_by_the_published_key(clinic: Clinic, tables: Tables) -> None:
    found = compute_early_alliance(tables, clinic.instruments)
    assert len(found) == 797
    scores = {}
    for row in FORMS:
        answers = [float(cell) for item in range(1, 13) if (cell := row[f"wai{item}"]) and float(cell) <= 5]
        if len(answers) >= 10 and row["clinician"] != "CL99999":
            scores[row["client"]] = (sum(answers) / len(answers) - 1) * 25
    names = tables.clients["client_id"].iloc[found["client_row"]]
    assert dict(zip(names, found["pomp"], strict=True)) == {
        name: pytest.approx(score) for name, score in scores.items()
    }


def test_shuffled_files_are_the_same_clinic(tables: Tables, tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    for path in FOLDER.glob("*.*"):
        head, *body = path.read_bytes().split(b"\n")
        if path.suffix == ".csv":
            body = [line for line in (body[place] for place in rng.permutation(len(body))) if line]
        (tmp_path / path.name).write_bytes(b"\n".join([head, *body]))
    assert read_tables(Clinic.open(tmp_path)).digest() == tables.digest()
