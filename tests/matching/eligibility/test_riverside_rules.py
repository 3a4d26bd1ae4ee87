"""Riverside's rules against an independent reading: its code book and the csv module, without any code of Attune.

The code book: UTF-8 with a byte-order mark and commas for clients; Latin-1 and semicolons for clinicians; sets split by
commas or semicolons; `Either` and `Both` are two formats; wishes read `value (required|preferred|NOT)`; dates are
month/day/year; exported 2026-06-15; the clients from RV-000900 on are waiting. A roster row is valid for 180 days.
Openings are those of the day of the row; a client who started since then has taken one, and sessions are weekly.
"""

from __future__ import annotations

import csv
import datetime as dt
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.waiting_clients import find_waiting_clients
from attune_fit.data.reading.read_clinic import read_tables
from attune_fit.matching.ranking.rank import rank_to_frames
from attune_fit.matching.ranking.scored_roster import RosterScorer
from tests.matching.builders import published

RIVERSIDE = Path(__file__).parents[3] / "examples" / "riverside"
EXPORTED = dt.date(2026, 6, 15)
FORMATS = {"Telehealth": {"v"}, "Office": {"o"}, "Either": {"v", "o"}, "Both": {"v", "o"}}
ETHNICITY = {"1": "White", "2": "Black", "3": "Hispanic", "4": "Asian", "5": "Multiracial"}
DAYS = 180

Row = dict[str, str]


def plain(cell: str) -> str:
    return " ".join(cell.split()).upper()


def parts(cell: str, mark: str) -> set[str]:
    return {plain(part) for part in cell.split(mark) if part.strip()}


def read_intake() -> list[Row]:
    with (RIVERSIDE / "intake_export.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def clients() -> dict[str, Row]:
    return {row["Client ID"]: row for row in read_intake() if row["Client ID"] >= "RV-000900"}


def clinicians() -> dict[str, Row]:
    with (RIVERSIDE / "clinicians.csv").open(encoding="latin-1", newline="") as file:
        return {row["Clinician"]: row for row in csv.DictReader(file, delimiter=";")}


@cache
def starts() -> dict[str, list[dt.date]]:
    """The day on which each client of a clinician started: the first form, minus a week for each visit before it."""
    first: dict[tuple[str, str], tuple[dt.date, int]] = {}
    known = {row["Client ID"] for row in read_intake()}
    with (RIVERSIDE / "wai_responses.csv").open(encoding="utf-8", newline="") as file:
        for form in csv.DictReader(file):
            if form["client"] in known:
                day = dt.datetime.strptime(form["completed"], "%m/%d/%Y").date()
                pair = form["client"], form["clinician"]
                first[pair] = min(first.get(pair, (dt.date.max, 0)), (day, int(form["visit"])))
    began: dict[str, list[dt.date]] = {}
    for (_, clinician), (day, visit) in first.items():
        began.setdefault(clinician, []).append(day - dt.timedelta(weeks=visit - 1))
    return began


def has(clinician: Row) -> dict[str, set[str]]:
    """The clinician's values, under the column of the wish that asks for them."""
    return {
        "Therapist gender wish": {plain(clinician["Sex/Gender"])},
        "Therapist background wish": {plain(ETHNICITY[clinician["Ethnicity code"]])},
        "Therapist faith wish": {plain(clinician["Faith"])},
        "LGBTQ affirming wish": {"YES" if clinician["LGBTQ+ affirming"] == "Y" else "NO"},
        "Approach wish": parts(clinician["Approach"], ";"),
    }


def wishes(client: Row, clinician: Row, strength: str) -> list[bool]:
    """For each wish of one strength: whether the clinician has the value it names."""
    answers = []
    for column, values in has(clinician).items():
        value, _, stated = client[column].partition("(")
        if stated.rstrip(") ") == strength:
            answers.append(plain(value) in values)
    return answers


def broken(client: Row, clinician: Row) -> set[str]:
    """Every rule of the code book that the pair breaks."""
    free_slots = {
        name.removeprefix("avail ").upper() for name, mark in client.items() if name[:5] == "avail" and mark == "x"
    }
    checked = dt.datetime.strptime(clinician["Roster checked"], "%m/%d/%Y").date()
    passes = {
        "region": plain(client["State"]) in parts(clinician["License"], ","),
        "payer": plain(client["Ins."]) in parts(clinician["Panels"], ","),
        "language": parts(client["Language(s)"], ",") & parts(clinician["Speaks"], ","),
        "format": FORMATS[client["Session type"]] & FORMATS[clinician["Works"]],
        "slot": free_slots & parts(clinician["Hours"], ";"),
        "open_slots": int(clinician["Openings"])
        > sum(day > checked for day in starts().get(clinician["Clinician"], [])),
        "must": all(wishes(client, clinician, "required")),
        "never": not any(wishes(client, clinician, "NOT")),
        "roster_age": (EXPORTED - checked).days <= DAYS,
    }
    return {rule for rule, passed in passes.items() if not passed}


@pytest.fixture(scope="module")
def ranked() -> pd.DataFrame:
    """Attune's rankings for the waiting clients."""
    clinic = Clinic.open(RIVERSIDE)
    tables = read_tables(clinic)
    return pd.concat(
        rank_to_frames(
            RosterScorer.from_clinic(published(), clinic, tables), np.asarray(find_waiting_clients(clinic, tables))
        )
    )


def test_the_rules_are_those_of_the_code_book(ranked: pd.DataFrame) -> None:
    pairs = zip(ranked["client_id"], ranked["therapist_id"], strict=True)
    ours = {pair: set(filter(None, rules.split("|"))) for pair, rules in zip(pairs, ranked["rule"], strict=True)}
    theirs = {
        (client_id, clinician_id): broken(client, clinician)
        for client_id, client in clients().items()
        for clinician_id, clinician in clinicians().items()
    }
    assert len(theirs) == 120 * 38 == 4560
    assert ours.keys() == theirs.keys()
    differing = {pair: (ours[pair], theirs[pair]) for pair in theirs if ours[pair] != theirs[pair]}
    assert not differing


def test_every_rule_of_the_code_book_excludes_a_pair(ranked: pd.DataFrame) -> None:
    named = {rule for rules in ranked["rule"] for rule in rules.split("|")}
    assert named == {"", "region", "payer", "language", "format", "slot", "open_slots", "must", "never", "roster_age"}


def test_every_waiting_client_has_candidates_or_reasons_why_not(ranked: pd.DataFrame) -> None:
    status = ranked.groupby("client_id")["status"].apply(set)
    assert len(status) == 120
    assert all(one <= {"ranked", "excluded"} for one in status)
    assert ranked.loc[ranked["status"] == "excluded", "rule"].ne("").all()
