"""The capacity report: every count equals what the rules give once the change is slow."""

from __future__ import annotations

from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given, settings

from attune_fit.data.clinic.tables import Tables
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.matching.capacity import capacity as capacity_module
from attune_fit.matching.capacity.capacity import CapacityReport, build_capacity_report
from attune_fit.matching.capacity.shortage_counts import Reach, Shortage
from attune_fit.matching.eligibility.eligibility import EligibilityResult
from attune_fit.matching.eligibility.rules import RULES, select_rules
from attune_fit.matching.relaxation.proposed_change import TableChange
from attune_fit.matching.relaxation.relaxations import RELAXATIONS
from tests.matching.builders import busy, opened
from tests.strategies import clinic, clinics

LENIENT = "".join(f'[rules.{rule.name}]\nunknown = "allow"\n' for rule in RULES)
STRICT = LENIENT.replace("allow", "exclude")
DRAWN = {
    "codes": ("region", "licensed_regions", "payer", "payers", "open_slots"),
    "limits": ("presenting_problems", "problems_not_taken", "age", "age_groups", "updated_on"),
}


def eligible(tables: Tables, toml: str) -> np.ndarray:
    """Return whether each pair is eligible, shape (clients, therapists)."""
    return EligibilityResult.from_rules(Pairs.cross(Sides(tables)), select_rules(opened(toml).config)).is_eligible


def report(tables: Tables, toml: str = "") -> CapacityReport:
    return build_capacity_report(opened(toml), tables, np.arange(len(tables.clients)))


def count_by_making(tables: Tables, toml: str, shortage: Shortage) -> Reach:
    """Count a shortage the slow way: make the change for each client and check the rules."""
    row, now = next(row for row in RELAXATIONS if row.name == shortage.relaxation), eligible(tables, toml)
    whose = [shortage.what] if row.counted_by == "therapist" else list(tables.therapists["therapist_id"])
    gains = np.zeros(len(now), dtype=bool)
    for client, client_id in enumerate(tables.clients["client_id"]):
        for code, _ in row.choices(tables, client):
            if row.counted_by == "therapist" or code == shortage.what:
                after = eligible(TableChange(row, shortage.rule, code).apply(tables, client_id, whose), toml)
                gains[client] |= (after[client] & ~now[client]).any()
    count = now.sum(axis=1)
    return Reach.from_counts(np.array([(gains & (count == 0)).sum(), (gains & (count < 5)).sum(), gains.sum()]))


@pytest.mark.parametrize("drawn", DRAWN)
def test_counts_equal_what_the_rules_give_once_the_change_is_made(drawn: str) -> None:
    @settings(max_examples=8, deadline=None)
    @given(clinics(columns=DRAWN[drawn], wishes=0, conflicts=1, states=2))
    def holds(tables: Tables) -> None:
        for shortage in report(tables, LENIENT).lacks:
            assert shortage.reach == count_by_making(tables, LENIENT, shortage)

    holds()


@settings(max_examples=8, deadline=None)
@given(clinics(columns=DRAWN["codes"], wishes=3, states=2))
def test_counts_are_never_too_high(tables: Tables) -> None:
    for shortage in report(tables, STRICT).lacks:
        if shortage.relaxation != "asked":
            slow = count_by_making(tables, STRICT, shortage)
            assert all(count <= true for count, true in zip(astuple(shortage.reach), astuple(slow), strict=True))


def test_a_small_waiting_list_is_counted() -> None:
    tables = clinic(
        {"payer": ["aetna", "aetna", "self pay"], "availability": ["mon-am", "tue-pm", "mon-am"]},
        {"payers": ["self pay", "self pay"], "availability": ["mon-am|tue-pm", "mon-am"], "open_slots": [1, 0]},
    )
    found = report(tables)
    assert (found.waiting, found.roster, found.without_candidate, found.few) == (3, 2, ("c0", "c1"), 3)
    shortages = {(one.relaxation, one.what): (one.reach, one.therapists) for one in found.lacks}
    assert shortages == {("panel", "aetna"): (Reach(2, 2, 2), 1), ("opening", "t1"): (Reach(0, 1, 1), 1)}
    assert [one.relaxation for one in found.together] == ["panel", "opening"]
    assert found.lacks[0].relaxation == "panel"


def test_a_client_whose_wish_forbids_the_change_is_not_counted() -> None:
    cells = ({"formats": ["video", "video"]}, {"formats": ["in person"]})
    one, none = (report(clinic(*cells, [(0, "formats", "video", "never")])), report(clinic(*cells)))
    assert [shortage.reach.first for shortage in one.lacks] == [1]
    assert [shortage.reach.first for shortage in none.lacks] == [2]


def test_an_unknown_cell_counts_under_asked_only() -> None:
    tables = clinic({"region": ["ca", "ca"]}, {"licensed_regions": [None, "ny"]})
    assert [(one.relaxation, one.rule, one.what) for one in report(tables).lacks] == [
        ("asked", "region", "t0"),
        ("licence", "region", "ca"),
    ]


def test_no_therapist_is_asked_about_a_cell_of_the_client() -> None:
    tables = clinic({"region": [None, "ca"]}, {"licensed_regions": ["ca", None]})
    found = report(tables)
    assert [(one.relaxation, one.what, one.reach.every) for one in found.lacks] == [("asked", "t1", 1)]
    assert found.without_candidate == ("c0",)


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = report(busy())
    messages: list[str] = []
    monkeypatch.setattr(capacity_module, "MAX_PAIRS_PER_BLOCK", 100)
    assert (
        build_capacity_report(opened(), busy(), np.arange(len(busy().clients)), report_progress=messages.append)
        == whole
    )
    assert messages[-1] == "60 of 60 clients checked"
    assert whole.lacks
    assert whole.to_dict()["waiting"] == 60


def test_an_empty_waiting_list_has_no_shortage() -> None:
    found = build_capacity_report(opened(), busy(), np.array([], dtype=np.intp))
    assert (found.waiting, found.without_candidate, found.lacks, found.hire.wanted) == (0, (), (), 0)
