"""Minimal change sets: each works when apply_changes, and no smaller set is missed."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain, combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attune_fit.data.clinic.settings import Config, RuleSetting
from attune_fit.data.clinic.tables import Tables
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.matching.eligibility.eligibility import EligibilityResult
from attune_fit.matching.eligibility.eligibility_rule import Rule
from attune_fit.matching.eligibility.rules import RULES, select_rules
from attune_fit.matching.relaxation.blockers import ClientBlockers
from attune_fit.matching.relaxation.minimal_sets import MinimalChangeSet, find_minimal_sets
from attune_fit.matching.relaxation.proposed_change import TableChange, list_changes
from attune_fit.matching.relaxation.relaxations import RELAXATIONS
from tests.strategies import clinic, clinics

NAMES = [rule.name for rule in RULES]
# Rules that are tested together, and the columns to draw for them: few enough to try every set of changes.
COLUMNS_BY_RULES: dict[tuple[str, ...], tuple[str, ...]] = {
    ("slot", "open_slots", "must"): ("availability", "open_slots", "gender"),
    ("format", "must", "never"): ("formats", "gender"),
    ("region", "payer", "conflict"): ("region", "licensed_regions", "payer", "payers"),
    ("problems_not_taken", "age_group"): ("presenting_problems", "problems_not_taken", "age", "age_groups"),
    ("roster_age", "language"): ("updated_on", "languages"),
    ("roster_age", "open_slots"): ("updated_on", "open_slots"),  # both decide how many openings are left
}

policies = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["allow", "exclude"]), max_size=4)


def rules_of(unknown: dict[str, str]) -> tuple[Rule, ...]:
    """Return the rules with these policies for unknown cells."""
    settings_by_rule = {name: RuleSetting.model_validate({"unknown": policy}) for name, policy in unknown.items()}
    return select_rules(Config(rules=settings_by_rule))


def candidates(tables: Tables, rules: tuple[Rule, ...]) -> frozenset[str]:
    """Return the candidates of the first client."""
    eligible = EligibilityResult.from_rules(Pairs.cross(Sides(tables), [0]), rules).is_eligible[0]
    return frozenset(tables.therapists.loc[eligible, "therapist_id"])


def apply_changes(
    tables: Tables, rules: tuple[Rule, ...], changes: tuple[TableChange, ...], whose: frozenset[str]
) -> tuple[Tables, tuple[Rule, ...]]:
    """Return tables and rules after the changes; a question counts as answered in the therapists' favour."""
    for change in changes:
        tables = change.apply(tables, "c0", whose)
    asked = {change.rule for change in changes if not change.is_certain}
    return tables, tuple(replace(rule, unknown_policy="allow") if rule.name in asked else rule for rule in rules)


def find_sets(tables: Tables, rules: tuple[Rule, ...], together: int = 2) -> tuple[MinimalChangeSet, ...]:
    return find_minimal_sets(ClientBlockers.from_rules(tables, rules, 0), list_aimed_changes(tables, rules), together)


def list_aimed_changes(tables: Tables, rules: tuple[Rule, ...]) -> tuple[TableChange, ...]:
    """List the changes that are meant to lift one of the rules."""
    names = {rule.name for rule in rules}
    return tuple(change for change in list_changes(RELAXATIONS, tables, 0) if change.rule in names)


def list_ids(tables: Tables, some: np.ndarray) -> frozenset[str]:
    return frozenset(tables.therapists.loc[some, "therapist_id"])


@settings(max_examples=12, deadline=None)
@given(clinics(conflicts=2, outcomes=3, states=3), policies)
def test_exactly_the_named_therapists_join_the_list(tables: Tables, unknown: dict[str, str]) -> None:
    rules = rules_of(unknown)
    now = candidates(tables, rules)
    for change_set in find_sets(tables, rules):
        adds, leaves = list_ids(tables, change_set.is_added), list_ids(tables, change_set.is_removed)
        assert adds
        assert not adds & now
        assert leaves <= now
        assert candidates(*apply_changes(tables, rules, change_set.changes, adds)) == (now | adds) - leaves


@pytest.mark.parametrize("rule_names", COLUMNS_BY_RULES, ids="-".join)
def test_no_smaller_set_is_missed_and_every_set_is_needed(rule_names: tuple[str, ...]) -> None:
    @settings(max_examples=4, deadline=None)
    @given(clinics(columns=COLUMNS_BY_RULES[rule_names], conflicts=1, outcomes=3, states=3), policies)
    def agrees(tables: Tables, unknown: dict[str, str]) -> None:
        rules = tuple(rule for rule in rules_of(unknown) if rule.name in rule_names)
        found = {
            (change_set.changes, one)
            for change_set in find_sets(tables, rules)
            for one in list_ids(tables, change_set.is_added_only_by_all)
        }
        assert found == set(find_by_trying(tables, rules))

    agrees()


# Unknown cells about which the client has wishes: one change can answer a question with no.
UNKNOWN_CELLS = clinic(
    {"availability": ["mon-am|tue-pm"]},
    {"availability": [None, "fri-eve"]},
    [(0, "availability", "mon-am", "must"), (0, "availability", "tue-pm", "must")],
)


def test_a_question_needs_a_cell_that_is_still_unknown_and_two_codes_can_be_needed() -> None:
    rules = rules_of({"slot": "exclude"})
    clauses = [
        sorted(change.description for change in change_set.changes) for change_set in find_sets(UNKNOWN_CELLS, rules)
    ]
    assert ["the therapist works mon-am", "the therapist works tue-pm"] in clauses
    asked = [
        "the therapist is asked about availability: mon-am and availability: tue-pm, which the client requires",
        "the therapist is asked whether there is a weekly slot in common",
    ]
    assert [some for some in clauses if asked[0] in some] == [asked]


def find_by_trying(tables: Tables, rules: tuple[Rule, ...]) -> list[tuple[tuple[TableChange, ...], str]]:
    """List every minimal set of up to two changes with each therapist it adds, by checking the rules for every set."""
    changes = list_aimed_changes(tables, rules)
    roster = frozenset(tables.therapists["therapist_id"])
    sets = chain.from_iterable(combinations(changes, size) for size in (0, 1, 2))
    candidates_after = {some: candidates(*apply_changes(tables, rules, some, roster)) for some in sets}

    def parts(some: tuple[TableChange, ...]) -> list[tuple[TableChange, ...]]:
        return [less for size in range(len(some)) for less in combinations(some, size)]

    return [
        (some, one)
        for some, who in candidates_after.items()
        for one in who
        if some and not any(one in candidates_after[less] for less in parts(some))
    ]
