"""Ranges of numbers: signs that people write, and bounds that cannot be meant."""

import math

import pandas as pd
import pytest

from attune_fit.data.number_ranges import is_range, parse_range
from tests.data.conftest import ClinicFolder


@pytest.mark.parametrize("dash", ["-", "\u2010", "\u2011", "\u2013", "\u2014", "\u2212", " - ", " \u2013 "])
def test_any_dash_is_a_hyphen(dash: str) -> None:
    assert parse_range(f"18{dash}64") == (18, 64)


@pytest.mark.parametrize(
    ("text", "bounds"),
    [("18+", (18, math.inf)), ("18 +", (18, math.inf)), ("\u226518", (18, math.inf)), ("-5", (-5, -5))],
)
def test_other_forms(text: str, bounds: tuple[float, float]) -> None:
    assert parse_range(text) == bounds


@pytest.mark.parametrize("text", [">18", "18+64", "+18", "all ages", "18++", "18--", "\uff11\uff18"])
def test_other_signs_are_no_range(text: str) -> None:
    assert not is_range(text)


@pytest.mark.parametrize("cell", ["-17", "\u221217", "\u201317", "1017", "0-17|1864", "18-640", "all ages"])
def test_an_age_that_cannot_be_meant_sets_its_therapist_aside(clinic_folder: ClinicFolder, cell: str) -> None:
    clinic_folder.put("therapists.csv", f"therapist_id,age_groups\ntom,{cell}\nuna,18-64\nvic,18-\n")
    faults = clinic_folder.drop("preferences.csv").drop("outcomes.csv").read().warnings
    (fault,) = [one for one in faults if one.sets_aside]
    assert (fault.id, fault.rows, fault.sets_aside) == ("range-not-readable", (2,), ("tom",))


@pytest.mark.parametrize("cell", ["18+", "18\u201364", "0-120", "<=64", "7"])
def test_an_age_group_as_people_write_it_is_read(clinic_folder: ClinicFolder, cell: str) -> None:
    clinic_folder.put("therapists.csv", f"therapist_id,age_groups\ntom,{cell}\nuna,18-64\n")
    tables = clinic_folder.drop("preferences.csv").drop("outcomes.csv").read()
    assert not tables.warnings
    assert pd.notna(tables.therapists.set_index("therapist_id")["age_groups"]["tom"])
