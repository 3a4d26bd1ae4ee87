"""The smallest changes that help: true when they are made, and none that is smaller is missed."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain, combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attune_fit.data.clinic.settings import Config, RuleSetting
from attune_fit.data.clinic.tables import Tables
from attune_fit.features.pairs import Pairs, Sides
from attune_fit.matching.eligibility.eligibility import EligibilityResult
from attune_fit.matching.eligibility.rules import RULES, Rule, select_rules
from attune_fit.matching.relaxation.blockers import ClientBlockers
from attune_fit.matching.relaxation.change import TableChange, list_changes
from attune_fit.matching.relaxation.minimal_sets import MinimalChangeSet, find_minimal_sets
from attune_fit.matching.relaxation.relaxations import RELAXATIONS
from tests.strategies import clinic, clinics

NAMES = [rule.name for rule in RULES]
# Rules that are tried together, and the columns to draw for them: few enough to try every set of changes.
TRIED: dict[tuple[str, ...], tuple[str, ...]] = {
    ("slot", "open_slots", "must"): ("availability", "open_slots", "gender"),
    ("format", "must", "never"): ("formats", "gender"),
    ("region", "payer", "conflict"): ("region", "licensed_regions", "payer", "payers"),
    ("problems_not_taken", "age_group"): ("presenting_problems", "problems_not_taken", "age", "age_groups"),
    ("roster_age", "language"): ("updated_on", "languages"),
}

policies = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["allow", "exclude"]), max_size=4)


def rules_of(unknown: dict[str, str]) -> tuple[Rule, ...]:
    """The rules, with these policies stated."""
    said = {name: RuleSetting.model_validate({"unknown": policy}) for name, policy in unknown.items()}
    return select_rules(Config(rules=said))


def candidates(tables: Tables, rules: tuple[Rule, ...]) -> frozenset[str]:
    """Who can be offered the first client."""
    eligible = EligibilityResult.from_rules(Pairs.cross(Sides(tables), [0]), rules).is_eligible[0]
    return frozenset(tables.therapists.loc[eligible, "therapist_id"])


def made(
    tables: Tables, rules: tuple[Rule, ...], changes: tuple[TableChange, ...], whose: frozenset[str]
) -> tuple[Tables, tuple[Rule, ...]]:
    """Tables and rules after the changes; a question counts as answered in the therapists' favour."""
    for change in changes:
        tables = change.apply(tables, "c0", whose)
    asked = {change.rule for change in changes if not change.is_certain}
    return tables, tuple(replace(rule, unknown_policy="allow") if rule.name in asked else rule for rule in rules)


def ways(tables: Tables, rules: tuple[Rule, ...], together: int = 2) -> tuple[MinimalChangeSet, ...]:
    return find_minimal_sets(ClientBlockers.from_rules(tables, rules, 0), aimed(tables, rules), together)


def aimed(tables: Tables, rules: tuple[Rule, ...]) -> tuple[TableChange, ...]:
    """The changes that are aimed at one of the rules."""
    names = {rule.name for rule in rules}
    return tuple(change for change in list_changes(RELAXATIONS, tables, 0) if change.rule in names)


def named(tables: Tables, some: np.ndarray) -> frozenset[str]:
    return frozenset(tables.therapists.loc[some, "therapist_id"])


@settings(max_examples=12, deadline=None)
@given(clinics(conflicts=2), policies)
def test_exactly_the_therapists_named_come_on_the_list(tables: Tables, unknown: dict[str, str]) -> None:
    rules = rules_of(unknown)
    now = candidates(tables, rules)
    for way in ways(tables, rules):
        adds, leaves = named(tables, way.is_added), named(tables, way.is_removed)
        assert adds
        assert not adds & now
        assert leaves <= now
        assert candidates(*made(tables, rules, way.changes, adds)) == (now | adds) - leaves


@pytest.mark.parametrize("tried", TRIED, ids="-".join)
def test_no_smaller_set_is_missed_and_none_is_told_that_is_not_needed(tried: tuple[str, ...]) -> None:
    @settings(max_examples=4, deadline=None)
    @given(clinics(columns=TRIED[tried], conflicts=1), policies)
    def agrees(tables: Tables, unknown: dict[str, str]) -> None:
        rules = tuple(rule for rule in rules_of(unknown) if rule.name in tried)
        found = {(way.changes, one) for way in ways(tables, rules) for one in named(tables, way.is_added_only_by_all)}
        assert found == set(by_trying(tables, rules))

    agrees()


# Cells of which nothing is known and about which the client has wishes: one change can answer a question with no.
UNTOLD = clinic(
    {"availability": ["mon-am|tue-pm"]},
    {"availability": [None, "fri-eve"]},
    [(0, "availability", "mon-am", "must"), (0, "availability", "tue-pm", "must")],
)


def test_a_question_is_asked_only_where_the_cell_is_still_unknown_and_two_codes_may_be_needed() -> None:
    rules = rules_of({"slot": "exclude"})
    told = [sorted(change.description for change in way.changes) for way in ways(UNTOLD, rules)]
    assert ["the therapist working mon-am", "the therapist working tue-pm"] in told
    asked = "asking whether every wish the client calls a must is met"
    assert [said for said in told if asked in said] == [[asked, "asking whether there is a weekly slot in common"]]


def by_trying(tables: Tables, rules: tuple[Rule, ...]) -> list[tuple[tuple[TableChange, ...], str]]:
    """Every set of up to two changes with whom it brings and no part of it does: the rules are asked for each."""
    changes = aimed(tables, rules)
    roster = frozenset(tables.therapists["therapist_id"])
    sets = chain.from_iterable(combinations(changes, size) for size in (0, 1, 2))
    brought = {some: candidates(*made(tables, rules, some, roster)) for some in sets}

    def parts(some: tuple[TableChange, ...]) -> list[tuple[TableChange, ...]]:
        return [less for size in range(len(some)) for less in combinations(some, size)]

    return [
        (some, one)
        for some, who in brought.items()
        for one in who
        if some and not any(one in brought[less] for less in parts(some))
    ]
