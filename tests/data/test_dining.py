"""The example of real ratings: its files, codes and instrument are all unknown to Attune."""

import csv
from pathlib import Path

import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.tables import Tables
from attune_fit.data.outcomes.early_alliance import compute_early_alliance
from attune_fit.data.reading.read_clinic import read_tables

FOLDER = Path(__file__).resolve().parents[2] / "examples" / "dining"


@pytest.fixture(scope="module")
def clinic() -> Clinic:
    return Clinic.open(FOLDER)


@pytest.fixture(scope="module")
def tables(clinic: Clinic) -> Tables:
    return read_tables(clinic)


def rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def test_it_is_read_without_a_fault(tables: Tables) -> None:
    assert not tables.warnings
    assert (len(tables.clients), len(tables.therapists), len(tables.outcomes)) == (138, 130, 1161)


def test_ratings_are_percent_of_their_own_range(clinic: Clinic, tables: Tables) -> None:
    alliance = compute_early_alliance(tables, clinic.instruments)
    assert alliance["pomp"].value_counts().to_dict() == {100.0: 486, 50.0: 421, 0.0: 254}
    assert set(alliance["instrument"]) == {"Dining rating"}


def test_cuisines_are_joined_from_the_long_files(tables: Tables) -> None:
    for frame, key, name in (
        (tables.clients, "userID", "usercuisine.csv"),
        (tables.therapists, "placeID", "chefmozcuisine.csv"),
    ):
        ids = frame[f"{'client' if key == 'userID' else 'therapist'}_id"]
        expected: dict[str, set[str]] = {}
        for row in rows(name):
            expected.setdefault(row[key], set()).add(row["Rcuisine"].lower())
        found = {
            one: set(cell.split("|")) for one, cell in zip(ids, frame["cuisines"], strict=True) if isinstance(cell, str)
        }
        assert found == {one: cuisines for one, cuisines in expected.items() if one in set(ids)}


def test_every_feature_row_reads_columns_that_exist(clinic: Clinic, tables: Tables) -> None:
    assert len(clinic.config.features) == 5
    for feature in clinic.config.features:
        assert tables.clients[feature.client].notna().any()
        assert tables.therapists[feature.therapist].notna().any()
        assert feature.weight == 0.0


def test_clients_and_therapists_use_the_same_codes(tables: Tables) -> None:
    """A feature over codes that never agree would have no effect, whatever the ratings."""
    for client_column, therapist_column in (
        ("ambience", "ambience"),
        ("dress_preference", "dress_code"),
        ("smoker", "welcomes"),
    ):
        wanted = set(tables.clients[client_column].dropna().str.split("|").explode())
        offered = set(tables.therapists[therapist_column].dropna().str.split("|").explode())
        assert wanted == offered


def test_the_authors_and_the_licence_are_credited() -> None:
    readme = (FOLDER / "README.md").read_text()
    for words in ("Vargas-Govea", "González-Serna", "Ponce-Medellín", "CC BY 4.0"):
        assert words in readme
