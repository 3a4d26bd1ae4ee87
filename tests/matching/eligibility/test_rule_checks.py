"""Each rule against a plain reading of one client and one therapist at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from attune_fit.data.arrays import Floats
from attune_fit.data.clinic.settings import Config
from attune_fit.data.clinic.tables import Tables
from attune_fit.features.pairs import Pairs, Sides
from attune_fit.matching.eligibility.rules import RULES, select_rules
from tests.strategies import AS_OF, clinic, clinics

Row = dict[Hashable, Any]


def unknown(cell: Any) -> bool:
    return bool(pd.isna(cell))


def shares(client: str, therapist: str) -> Callable[[Row, Row, Tables], float]:
    def twin(c: Row, t: Row, tables: Tables) -> float:
        if unknown(c[client]) or unknown(t[therapist]):
            return math.nan
        return float(bool(set(c[client].split("|")) & set(t[therapist].split("|"))))

    return twin


def open_slots(c: Row, t: Row, tables: Tables) -> float:
    return math.nan if math.isnan(t["open_slots"]) else float(t["open_slots"] >= 1)


def holds(t: Row, attribute: str, value: str) -> bool | None:
    """Whether the therapist is what the wish names; None when the cell is empty."""
    cell = t[attribute]
    if unknown(cell):
        return None
    if not isinstance(cell, str):
        low, high = plain_span(value)
        return bool(low <= cell <= high)
    return value in cell.split("|")


def plain_span(text: str) -> tuple[float, float]:
    if text.startswith(">="):
        return float(text[2:]), math.inf
    if text.startswith("<="):
        return -math.inf, float(text[2:])
    low, dash, high = text.partition("-")
    if not dash:
        return float(low), float(low)
    return float(low), float(high) if high else math.inf


def wishes(strength: str, breaks: bool) -> Callable[[Row, Row, Tables], float]:
    def twin(c: Row, t: Row, tables: Tables) -> float:
        verdict = 1.0
        for wish in tables.preferences.to_dict("records"):
            if wish["client_id"] != c["client_id"] or wish["strength"] != strength:
                continue
            held = holds(t, wish["attribute"], wish["value"])
            if held is breaks:
                return 0.0
            if held is None:
                verdict = math.nan
        return verdict

    return twin


def conflict(c: Row, t: Row, tables: Tables) -> float:
    barred = zip(tables.conflicts["client_id"], tables.conflicts["therapist_id"], strict=True)
    return float((c["client_id"], t["therapist_id"]) not in set(barred))


def age_group(c: Row, t: Row, tables: Tables) -> float:
    if unknown(t["age_groups"]):
        return 1.0
    if math.isnan(c["age"]):
        return math.nan
    spans = [plain_span(group) for group in t["age_groups"].split("|")]
    return float(any(low <= math.floor(c["age"]) <= high for low, high in spans))


def problems_not_taken(c: Row, t: Row, tables: Tables) -> float:
    if unknown(t["problems_not_taken"]):
        return 1.0
    if unknown(c["presenting_problems"]):
        return math.nan
    return float(not set(c["presenting_problems"].split("|")) & set(t["problems_not_taken"].split("|")))


def roster_age(c: Row, t: Row, tables: Tables) -> float:
    if unknown(t["updated_on"]):
        return math.nan
    return float((tables.as_of - t["updated_on"].date()).days <= 180)


TWINS: dict[str, Callable[[Row, Row, Tables], float]] = {
    "region": shares("region", "licensed_regions"),
    "payer": shares("payer", "payers"),
    "language": shares("languages", "languages"),
    "format": shares("formats", "formats"),
    "slot": shares("availability", "availability"),
    "open_slots": open_slots,
    "must": wishes("must", breaks=False),
    "never": wishes("never", breaks=True),
    "conflict": conflict,
    "age_group": age_group,
    "problems_not_taken": problems_not_taken,
    "roster_age": roster_age,
}


def columns_of_rule(name: str) -> list[str]:
    """The columns to draw for a rule: those it reads, and some for wishes to name."""
    reads = {place.split(".")[1] for rule in RULES if rule.name == name for place in rule.input_columns}
    return sorted(reads | {"gender", "orientations", "age"} if name in ("must", "never") else reads)


def verdict(name: str, tables: Tables) -> Floats:
    rule = next(rule for rule in select_rules(Config()) if rule.name == name)
    return rule.function(Pairs.cross(Sides(tables)))


def test_every_rule_has_a_plain_twin() -> None:
    assert set(TWINS) == {rule.name for rule in RULES}


@pytest.mark.parametrize("name", TWINS)
def test_a_rule_says_what_its_plain_twin_says(name: str) -> None:
    @settings(max_examples=25, deadline=None)
    @given(clinics(columns=columns_of_rule(name), conflicts=4))
    def agree(tables: Tables) -> None:
        clients, therapists = tables.clients.to_dict("records"), tables.therapists.to_dict("records")
        plain = [[TWINS[name](c, t, tables) for t in therapists] for c in clients]
        fast = verdict(name, tables)
        np.testing.assert_array_equal(fast, np.array(plain))
        c, t = (axis.ravel() for axis in np.indices(fast.shape))
        one_by_one = Pairs.from_rows(Sides(tables), c, t)
        rule = next(rule for rule in select_rules(Config()) if rule.name == name)
        np.testing.assert_array_equal(rule.function(one_by_one), fast.ravel())

    agree()


def test_an_age_counts_in_full_years() -> None:
    tables = clinic({"age": [64.9, 65.0, 17.9]}, {"age_groups": ["18-64"]})
    assert verdict("age_group", tables).ravel().tolist() == [1, 0, 0]


def test_a_roster_row_is_stale_the_day_after_the_last_allowed_one() -> None:
    tables = clinic(
        {"age": [30]}, {"updated_on": [pd.Timestamp(AS_OF) - pd.Timedelta(days=days) for days in (180, 181)]}
    )
    assert verdict("roster_age", tables).tolist() == [[1, 0]]


def test_a_wish_known_to_be_unmet_breaks_whatever_else_is_unknown() -> None:
    wishes = [(0, "gender", "f", "must"), (0, "religion", "jewish", "must")]
    tables = clinic({"age": [30]}, {"gender": ["m", "f"], "religion": [None, None]}, wishes)
    np.testing.assert_array_equal(verdict("must", tables), [[0, np.nan]])
