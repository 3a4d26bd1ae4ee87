"""All people are in a group: missing is a group, and rare codes are one group without their names."""

from __future__ import annotations

import numpy as np
import pytest

from attune_fit.config_checks import find_config_faults
from attune_fit.data.faults import DataFault
from attune_fit.features.sides import Sides
from attune_fit.matching.fairness.groups import RARE_GROUP, UNKNOWN_GROUP, Grouping, build_groupings
from tests.fault_descriptions import raises_faults
from tests.matching.builders import busy, opened
from tests.strategies import clinic, crowd


@pytest.mark.parametrize("column", ["gender", "race_ethnicity", "age", "languages", "religion", "payer", "phq9"])
@pytest.mark.parametrize("people", [3, 25, 80])
def test_all_people_are_in_a_group_of_every_column(column: str, people: int) -> None:
    found = Grouping.from_column(Sides(crowd(people=people)), "client", column)
    assert np.any(list(found.groups.values()), axis=0).all()


def test_groups_are_the_codes_of_the_cells() -> None:
    genders = ["f"] * 12 + ["m"] * 10 + ["x"] * 3 + ["y"] * 2 + [None] * 4
    found = Grouping.from_column(Sides(clinic({"gender": genders}, {"age": [40]})), "client", "gender")
    assert {name: int(members.sum()) for name, members in found.groups.items()} == {
        "f": 12,
        "m": 10,
        RARE_GROUP: 5,
        UNKNOWN_GROUP: 4,
    }


def test_a_cell_with_several_codes_is_in_several_groups() -> None:
    spoken = ["english"] * 10 + ["english|spanish"] * 10 + ["spanish"] * 2
    found = Grouping.from_column(Sides(clinic({"languages": spoken}, {"age": [40]})), "client", "languages")
    assert {name: int(members.sum()) for name, members in found.groups.items()} == {"english": 20, "spanish": 12}


def test_ages_are_banded_at_the_years_they_begin() -> None:
    ages = [17.9, 18, 24, 25, 64.5, 65, 90, None] * 10
    found = Grouping.from_column(Sides(clinic({"age": ages}, {"age": [40]})), "client", "age").groups
    counts = {name: int(members.sum()) for name, members in found.items()}
    assert counts == {
        "under 18": 10, "18 to 24": 20, "25 to 34": 10, "55 to 64": 10, "65 and over": 20, UNKNOWN_GROUP: 10,
    }  # fmt: skip


def test_columns_with_one_group_are_named() -> None:
    tables = clinic({"gender": ["f", "m"] * 20, "region": ["ca"] * 40}, {"age": [40]})
    found, alike = build_groupings(Sides(tables), "client", ["gender", "region", "payer"])
    assert [one.column for one in found] == ["gender"]
    assert alike == ("region", "payer")


def test_a_missing_column_is_a_fault_of_clinic_toml() -> None:
    toml = '[fairness]\ngroups = ["gendre", "age"]\ntherapist_groups = ["field"]'
    faults = find_config_faults(opened(toml), busy())
    with raises_faults(
        "clinic.toml, fairness.groups: unknown-column (clients, gendre, Did you mean `gender`? Known: "
        "`client_id`, `age`, `gender`, and more.)",
        "clinic.toml, fairness.therapist_groups: unknown-column (therapists, field, Known: `therapist_id`, `age`, "
        "`gender`, and more.)",
    ):
        raise DataFault(faults)
