"""The hiring profile for clients without a candidate: found greedily, counted by the rules."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
from hypothesis import given, settings

from attune_fit.data.clinic.tables import Tables
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.matching.capacity.hiring_profile import HiringResult, build_new_therapist, find_hiring_profile
from attune_fit.matching.eligibility.eligibility import EligibilityResult
from attune_fit.matching.eligibility.rules import select_rules
from tests.matching.builders import opened
from tests.strategies import clinic, clinics

COLUMNS = ["region", "licensed_regions", "payer", "payers", "languages", "availability", "gender"]
QUEUE = clinic(
    {
        "payer": ["aetna", "aetna", "self pay", "medicaid"],
        "languages": ["spanish", "spanish|english", "english", "english"],
        "availability": ["mon-am|thu-am", "tue-pm|wed-am", "mon-am", "fri-eve"],
    },
    {"payers": ["bcbs"], "languages": ["english"], "availability": ["fri-pm"]},
)


def find_profile(tables: Tables, codes: int) -> HiringResult:
    return find_hiring_profile(Sides(tables), select_rules(opened().config), np.arange(len(tables.clients)), codes)


def count_eligible(tables: Tables, codes: dict[str, tuple[str, ...]]) -> int:
    """Count the clients for whom the new therapist is eligible, once on the roster."""
    cells = {name: "|".join(some) for name, some in codes.items()}
    rows = [tables.therapists, build_new_therapist(tables, cells)]
    after = replace(tables, therapists=pd.concat(rows, ignore_index=True))
    return int(
        EligibilityResult.from_rules(Pairs.cross(Sides(after)), select_rules(opened().config)).is_eligible[:, -1].sum()
    )


def test_the_profile_fits_as_many_clients_as_it_states() -> None:
    found = find_profile(QUEUE, 6)
    assert found.profile.codes["languages"] == ("english", "spanish")
    assert sum(map(len, found.profile.codes.values())) <= 6
    assert count_eligible(QUEUE, found.profile.codes) == found.profile.clients == 3
    assert all(len(some) == 1 for some in found.narrow.codes.values())
    assert count_eligible(QUEUE, found.narrow.codes) == found.narrow.clients == 1
    assert (found.wanted, found.all_codes) == (4, 4)


def test_without_a_limit_every_client_is_covered_and_every_code_is_needed() -> None:
    found = find_profile(QUEUE, 50)
    assert found.profile.clients == found.all_codes == 4
    for name, some in found.profile.codes.items():
        for code in some:
            less = {**found.profile.codes, name: tuple(one for one in some if one != code)}
            assert not less[name] or count_eligible(QUEUE, less) < found.profile.clients


@settings(max_examples=8, deadline=None)
@given(clinics(columns=COLUMNS, conflicts=1, states=2))
def test_any_profile_fits_as_many_as_it_states_and_no_more_than_every_code(tables: Tables) -> None:
    found = find_profile(tables, 6)
    for profile in (found.profile, found.narrow):
        assert count_eligible(tables, profile.codes) == profile.clients
        assert profile.clients <= found.wanted
    assert found.narrow.clients <= found.profile.clients


def test_one_code_in_each_column_is_near_the_optimum() -> None:
    rng = np.random.default_rng(3)
    columns = {"payer": ("a", "b", "c"), "languages": ("x", "y", "z"), "availability": ("1", "2", "3", "4")}
    shares = []
    for _ in range(10):
        cells = {name: [str(one) for one in rng.choice(codes, 12)] for name, codes in columns.items()}
        tables = clinic(cells, {"payers": ["none"], "languages": ["none"], "availability": ["none"]})
        clients = list(zip(*cells.values(), strict=True))
        shares.append(
            find_profile(tables, 3).narrow.clients / max(clients.count(some) for some in product(*columns.values()))
        )
    assert np.mean(shares) > 0.75


def test_a_wish_about_a_person_is_not_counted_on() -> None:
    tables = clinic({"payer": ["aetna", "aetna"]}, {"payers": ["bcbs"]}, [(0, "gender", "f", "must")])
    assert (find_profile(tables, 5).profile.clients, find_profile(tables, 5).all_codes) == (1, 1)
    assert set(find_profile(tables, 5).profile.codes) == {"payers"}
