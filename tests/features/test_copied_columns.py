"""Copied columns: a barred column under a harmless name, found by its cells and never by accident."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.settings import Config
from attune_fit.data.clinic.tables import Tables
from attune_fit.data.faults import DataFault
from attune_fit.data.reading.read_clinic import read_tables
from attune_fit.features.copied_columns import FIRST_ROWS, is_copy
from attune_fit.features.feature_catalogue import list_clinic_features
from tests.fault_descriptions import raises_faults
from tests.strategies import clinic

EXAMPLE_CLINICS = Path(__file__).resolve().parents[2] / "examples"
PEOPLE = 40
RNG = np.random.default_rng(0)
GENDER = pd.Series(RNG.choice(["man", "woman", "nonbinary"], PEOPLE))
AGE = pd.Series(RNG.permutation(PEOPLE) + 20.0)
CODES = {"man": "b", "woman": "c", "nonbinary": "a"}


def find(tables: Tables, *rows: dict[str, Any]) -> list[tuple[str, str]]:
    """The place and the message of each error about these features."""
    features = [{"name": f"fit{number}", **row} for number, row in enumerate(rows)]
    try:
        list_clinic_features(Config.model_validate({"features": features}), tables)
    except DataFault as fault:
        return [(one.column, one.says) for one in fault.faults]
    return []


@pytest.mark.parametrize(
    ("cells", "barred"),
    [
        (GENDER, GENDER),
        (GENDER.map(CODES), GENDER),
        (GENDER.map({"man": 1.0, "woman": 7.0, "nonbinary": 3.0}), GENDER),
        (GENDER.mask(np.arange(PEOPLE) % 4 == 0), GENDER),  # three quarters of it
        (2026 - AGE, AGE),
        (AGE**2, AGE),
        (AGE.astype(int).astype(str), AGE),
        (pd.Timestamp(2026, 1, 1) - AGE * pd.Timedelta(days=365.25), AGE),
        (pd.Series([f"person {row}" for row in range(PEOPLE)]), pd.Series([f"person {row}" for row in range(PEOPLE)])),
    ],
)  # fmt: skip
def test_a_copy_is_found_also_in_another_unit_or_other_codes(cells: pd.Series, barred: pd.Series) -> None:
    assert is_copy(cells, barred)
    assert is_copy(barred, cells)


@pytest.mark.parametrize(
    ("cells", "barred"),
    [
        (GENDER.map(CODES)[:6], GENDER[:6]),  # few people
        (pd.Series(["a"] * PEOPLE), pd.Series(["man"] * PEOPLE)),  # one code
        (pd.Series(["a"] * 12 + ["b"]), pd.Series(["man"] * 12 + ["woman"])),  # one person differs in both
        (pd.Series(RNG.permutation(PEOPLE) * 1.0), AGE),  # each number occurs once
        (pd.Series([f"person {row}" for row in range(PEOPLE)]), AGE),
        (GENDER.map(CODES).where(np.arange(PEOPLE) > 0, "a" if GENDER[0] != "nonbinary" else "b"), GENDER),
        (GENDER.replace("nonbinary", "man"), GENDER),
        (GENDER.map(CODES).mask(GENDER.notna()), GENDER),  # unknown everywhere
    ],
)
def test_a_column_that_agrees_by_accident_or_in_part_is_no_copy(cells: pd.Series, barred: pd.Series) -> None:
    assert not is_copy(cells, barred)
    assert not is_copy(barred, cells)


@pytest.mark.parametrize(("n", "expected"), [(20, False), (21, True)])
def test_the_chance_of_an_accident_decides(n: int, expected: bool) -> None:
    """2 / C(20, 10) is just above one in 100,000, as codes of equal size can be exchanged; 1 / C(21, 10) is below."""
    barred = pd.Series(["man"] * 10 + ["woman"] * (n - 10))
    assert is_copy(barred.map({"man": "a", "woman": "b"}), barred) is expected


TABLES = clinic(
    {"gender": list(GENDER), "room": list(GENDER.map(CODES)), "religion": list(GENDER.map(CODES)), "score": list(AGE),
     "WAI total": list(100 - AGE), "matters": list(AGE % 3), "field": list(RNG.choice(["a", "b"], PEOPLE))},
    {"gender": list(GENDER), "room": list(GENDER.map(CODES)), "google_stars": list(AGE / 10), "appeal": list(AGE),
     "payers": list(GENDER), "panel": list(GENDER.map(CODES)), "field": list(RNG.choice(["a", "b"], PEOPLE))},
)  # fmt: skip


def test_the_error_names_both_columns_and_the_reason_and_no_cell() -> None:
    row = {"name": "fit", "client": "field", "therapist": "appeal", "compare": "same"}
    barred = "it never moves a score (ratings of therapists)"
    error = f"copied-column (appeal, therapists, google_stars, {barred})"
    with raises_faults(f"clinic.toml, features.fit.therapist: {error}"):
        list_clinic_features(Config.model_validate({"features": [row]}), TABLES)


def test_a_copy_of_every_kind_of_barred_column_is_refused_on_both_sides() -> None:
    found = find(
        TABLES,
        {"client": "room", "compare": "has", "code": "a"},
        {"client": "score", "compare": "number"},
        {"therapist": "room", "compare": "has", "code": "a"},
    )
    assert [place for place, _ in found] == [
        "features.fit0.client", "features.fit0.client", "features.fit1.client", "features.fit2.therapist",
        "features.fit2.therapist",
    ]  # fmt: skip
    reasons = ("(gender)", "(faith)", "(alliance itself)", "(gender)", "(payment)")
    assert [reason for (_, says), reason in zip(found, reasons, strict=True) if reason in says] == list(reasons)


def test_a_copied_trait_of_the_therapist_can_count_where_the_client_asks_for_it_and_the_clients_own_never() -> None:
    wished = clinic(
        {"gender": list(GENDER), "room_wanted": list(GENDER.map(CODES)), "other_wanted": list(RNG.permutation(GENDER))},
        {"gender": list(GENDER), "room": list(GENDER.map(CODES))},
    )
    assert find(wished, {"client": "other_wanted", "therapist": "room", "compare": "same"}) == []
    ((place, says),) = find(wished, {"client": "room_wanted", "therapist": "room", "compare": "same"})
    assert place == "features.fit0.client"
    assert "`gender`" in says


def test_a_column_of_the_catalogue_is_checked_too() -> None:
    """A mapped column that holds stars is refused, whatever its header."""
    copied = clinic({}, {"interpersonal_skill": list(AGE / 20), "stars": list(AGE / 10)})
    ((place, says),) = find(copied)
    assert place == "interpersonal_skill"
    assert "`stars`" in says


@pytest.mark.parametrize(("n", "expected"), [(8, 0), (9, 1)])
def test_nine_people_in_the_same_order_are_enough_for_a_copy_in_the_tables(n: int, expected: int) -> None:
    """2 / 8! is above one in 100,000, and 2 / 9! is below."""
    copied = clinic({}, {"interpersonal_skill": list(AGE[:n] / 20), "stars": list(AGE[:n] / 10)})
    assert len(find(copied)) == expected


def test_a_copy_is_found_that_the_first_rows_do_not_have() -> None:
    unknown = [np.nan] * FIRST_ROWS
    copied = clinic({}, {"interpersonal_skill": [*unknown, *AGE / 20], "stars": [*unknown, *AGE / 10]})
    assert len(find(copied)) == 1


@pytest.mark.parametrize("example", ["riverside", "dining"])
def test_the_examples_have_no_copied_column(example: str) -> None:
    here = Clinic.open(EXAMPLE_CLINICS / example)
    assert list_clinic_features(here.config, read_tables(here))
