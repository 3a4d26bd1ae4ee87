"""The table of rules: each check against a plain reading of one pair at a time; switches, policies and words."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from attune_fit.data.arrays import Floats
from attune_fit.data.clinic.pair_states import Offer, Pair, PairStates
from attune_fit.data.clinic.settings import Config
from attune_fit.data.clinic.tables import Tables
from attune_fit.data.faults import DataFault
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.matching.eligibility.eligibility import EligibilityResult
from attune_fit.matching.eligibility.eligibility_rule import Rule
from attune_fit.matching.eligibility.rules import READABLE_RULE, RULES, select_rules
from tests.strategies import AS_OF, clinic, clinics

Row = dict[Hashable, Any]


def is_missing(cell: Any) -> bool:
    return bool(pd.isna(cell))


def shares(client: str, therapist: str) -> Callable[[Row, Row, Tables], float]:
    def twin(c: Row, t: Row, tables: Tables) -> float:
        if is_missing(c[client]) or is_missing(t[therapist]):
            return math.nan
        return float(bool(set(c[client].split("|")) & set(t[therapist].split("|"))))

    return twin


def open_slots(c: Row, t: Row, tables: Tables) -> float:
    started = tables.outcomes[tables.outcomes["therapist_id"] == t["therapist_id"]]
    weeks = started["session"].fillna(1) - 1
    began = started.assign(on=started["measured_on"] - pd.to_timedelta(7 * weeks, unit="D"))
    first = began.sort_values(["measured_on", "session"], kind="stable").drop_duplicates("client_id")
    used = int((first["on"] > t["updated_on"]).sum())
    held = [offer.client_id for offer in tables.pair_states.offers if offer.therapist_id == t["therapist_id"]]
    if c["client_id"] in held:
        return 1.0
    return math.nan if math.isnan(t["open_slots"]) else float(t["open_slots"] - used - len(held) >= 1)


def has_value(t: Row, attribute: str, value: str) -> bool | None:
    """Whether the therapist has the value that the wish names; None when the cell is empty."""
    cell = t[attribute]
    if is_missing(cell):
        return None
    if not isinstance(cell, str):
        low, high = plain_range(value)
        return bool(low <= cell <= high)
    return value in cell.split("|")


def plain_range(text: str) -> tuple[float, float]:
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
        result = 1.0
        for wish in tables.preferences.to_dict("records"):
            if wish["client_id"] != c["client_id"] or wish["strength"] != strength:
                continue
            answer = has_value(t, wish["attribute"], wish["value"])
            if answer is breaks:
                return 0.0
            if answer is None:
                result = math.nan
        return result

    return twin


def conflict(c: Row, t: Row, tables: Tables) -> float:
    listed = zip(tables.conflicts["client_id"], tables.conflicts["therapist_id"], strict=True)
    return float((c["client_id"], t["therapist_id"]) not in set(listed))


def declined(c: Row, t: Row, tables: Tables) -> float:
    return float((c["client_id"], t["therapist_id"]) not in list(tables.pair_states.declined))


def age_group(c: Row, t: Row, tables: Tables) -> float:
    if is_missing(t["age_groups"]):
        return 1.0
    if math.isnan(c["age"]):
        return math.nan
    ranges = [plain_range(group) for group in t["age_groups"].split("|")]
    return float(any(low <= math.floor(c["age"]) <= high for low, high in ranges))


def problems_not_taken(c: Row, t: Row, tables: Tables) -> float:
    if is_missing(t["problems_not_taken"]):
        return 1.0
    if is_missing(c["presenting_problems"]):
        return math.nan
    return float(not set(c["presenting_problems"].split("|")) & set(t["problems_not_taken"].split("|")))


def roster_age(c: Row, t: Row, tables: Tables) -> float:
    if is_missing(t["updated_on"]):
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
    "declined": declined,
    "age_group": age_group,
    "problems_not_taken": problems_not_taken,
    "roster_age": roster_age,
}


def columns_of_rule(name: str) -> list[str]:
    """The columns to draw for a rule: those it reads, and some that wishes can name."""
    columns = {place.split(".")[1] for rule in RULES if rule.name == name for place in rule.input_columns}
    more = {"must": {"gender", "orientations", "age"}, "open_slots": {"updated_on"}}
    return sorted(columns | more.get("must" if name == "never" else name, set()))


def config(name: str, **setting: object) -> Config:
    """The rule is on, also one that is off by default."""
    return Config.model_validate({"rules": {name: {"on": True, **setting}}})


def select_rule(name: str) -> Rule:
    return next(rule for rule in select_rules(config(name)) if rule.name == name)


def check_rule(name: str, tables: Tables) -> Floats:
    return select_rule(name).function(Pairs.cross(Sides(tables)))


def test_every_rule_has_a_plain_twin() -> None:
    assert set(TWINS) == {rule.name for rule in RULES}


@pytest.mark.parametrize("name", TWINS)
def test_a_rule_agrees_with_its_plain_twin(name: str) -> None:
    @settings(max_examples=25, deadline=None)
    @given(clinics(columns=columns_of_rule(name), conflicts=4, states=4, outcomes=4 if name == "open_slots" else 0))
    def agree(tables: Tables) -> None:
        clients, therapists = tables.clients.to_dict("records"), tables.therapists.to_dict("records")
        plain = [[TWINS[name](c, t, tables) for t in therapists] for c in clients]
        fast = check_rule(name, tables)
        np.testing.assert_array_equal(fast, np.array(plain))
        c, t = (axis.ravel() for axis in np.indices(fast.shape))
        one_by_one = Pairs.from_rows(Sides(tables), c, t)
        np.testing.assert_array_equal(select_rule(name).function(one_by_one), fast.ravel())

    agree()


def test_an_age_counts_in_full_years() -> None:
    tables = clinic({"age": [64.9, 65.0, 17.9]}, {"age_groups": ["18-64"]})
    assert check_rule("age_group", tables).ravel().tolist() == [1, 0, 0]


def test_a_roster_row_is_out_of_date_one_day_after_the_limit() -> None:
    tables = clinic(
        {"age": [30]}, {"updated_on": [pd.Timestamp(AS_OF) - pd.Timedelta(days=days) for days in (180, 181)]}
    )
    assert check_rule("roster_age", tables).tolist() == [[1, 0]]


def test_one_unmet_must_wish_breaks_the_rule_even_if_others_are_unknown() -> None:
    wishes = [(0, "gender", "f", "must"), (0, "religion", "jewish", "must")]
    tables = clinic({"age": [30]}, {"gender": ["m", "f"], "religion": [None, None]}, wishes)
    np.testing.assert_array_equal(check_rule("must", tables), [[0, np.nan]])


NAMES = [rule.name for rule in RULES]
STALE = pd.Timestamp(AS_OF) - pd.Timedelta(days=400)

# One clinic for each rule: the rule alone excludes t0, t1 is unknown if the rule can be unknown, t2 passes.
BROKEN: dict[str, Tables] = {
    "region": clinic({"region": ["ca"]}, {"licensed_regions": ["ny", None, "ca|ny"]}),
    "payer": clinic({"payer": ["aetna"]}, {"payers": ["self pay", None, "aetna"]}),
    "language": clinic({"languages": ["spanish"]}, {"languages": ["english", None, "spanish|english"]}),
    "format": clinic({"formats": ["video"]}, {"formats": ["in person", None, "video"]}),
    "slot": clinic({"availability": ["mon-am"]}, {"availability": ["tue-pm", None, "mon-am"]}),
    "open_slots": clinic({"age": [30]}, {"open_slots": [0, None, 1]}),
    "must": clinic({"age": [30]}, {"gender": ["m", None, "f"]}, [(0, "gender", "f", "must")]),
    "never": clinic({"age": [30]}, {"gender": ["m", None, "f"]}, [(0, "gender", "m", "never")]),
    "conflict": clinic({"age": [30]}, {"age": [40, 41, 42]}, conflicts={"client_id": ["c0"], "therapist_id": ["t0"]}),
    "declined": replace(
        clinic({"age": [30]}, {"age": [40, 41, 42]}), pair_states=PairStates(declined=frozenset({Pair("c0", "t0")}))
    ),
    "age_group": clinic({"age": [30, None]}, {"age_groups": ["65-", "65-", None]}),
    "problems_not_taken": clinic(
        {"presenting_problems": ["grief", None]}, {"problems_not_taken": ["grief", "grief", None]}
    ),
    "roster_age": clinic({"age": [30]}, {"updated_on": [STALE, None, pd.Timestamp(AS_OF)]}),
}
POLICIES = ("allow", "exclude")
ALWAYS_KNOWN = ("conflict", "declined")
READS_CLIENT = ("age_group", "problems_not_taken")  # in these clinics the missing cell is the second client's


def check(tables: Tables, clinic_config: Config) -> EligibilityResult:
    return EligibilityResult.from_rules(Pairs.cross(Sides(tables)), select_rules(clinic_config))


def excluding_rules(name: str, clinic_config: Config) -> list[list[str]]:
    return [[str(names) for names in row] for row in check(BROKEN[name], clinic_config).join_rule_names()]


@pytest.mark.parametrize("name", NAMES)
def test_a_broken_rule_excludes_and_is_named(name: str) -> None:
    first = excluding_rules(name, config(name))[0]
    assert first[0] == name
    assert first[2] == ""


@pytest.mark.parametrize("name", NAMES)
def test_a_rule_switched_off_excludes_no_therapist(name: str) -> None:
    assert {names for row in excluding_rules(name, config(name, on=False)) for names in row} == {""}


def test_a_rule_can_be_off_until_the_clinic_switches_it_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("attune_fit.matching.eligibility.rules.RULES", (replace(RULES[0], is_on_by_default=False),))
    assert select_rules(Config()) == (READABLE_RULE,)
    assert [rule.name for rule in select_rules(config(RULES[0].name))] == [RULES[0].name, READABLE_RULE.name]


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ALWAYS_KNOWN])
def test_the_policy_for_an_unknown_result_is_applied(name: str) -> None:
    pair = (1, 0) if name in READS_CLIENT else (0, 1)
    by_policy = {policy: excluding_rules(name, config(name, unknown=policy))[pair[0]][pair[1]] for policy in POLICIES}
    assert by_policy == {"allow": "", "exclude": name}
    default = next(rule.unknown_policy for rule in RULES if rule.name == name)
    assert excluding_rules(name, config(name))[pair[0]][pair[1]] == by_policy[default]


def test_a_start_since_the_roster_was_checked_uses_up_an_opening() -> None:
    met: dict[str, list[Any]] = {
        "client_id": ["c0", "c1"], "therapist_id": ["t0", "t1"], "measured_on": [pd.Timestamp(AS_OF)] * 2
    }  # fmt: skip
    checked = [pd.Timestamp("2026-06-01")] * 2
    tables = clinic({"age": [30] * 3}, {"open_slots": [1, 2], "updated_on": checked}, outcomes=met)
    assert check(tables, Config()).is_eligible.tolist() == [[False, True]] * 3


def test_an_offer_holds_its_opening_for_its_own_client() -> None:
    tables = clinic({"age": [30] * 3}, {"open_slots": [1, 2]})
    offers = Offer("c0", "t0", "offered", AS_OF), Offer("c1", "t1", "accepted", None)
    held = replace(tables, pair_states=PairStates(offers=offers))
    assert check(held, Config()).is_eligible.tolist() == [[True, True], [False, True], [False, True]]


def test_a_decline_is_of_one_pair() -> None:
    tables = clinic({"age": [30] * 2}, {"age": [40] * 2})
    one = replace(tables, pair_states=PairStates(declined=frozenset({Pair("c0", "t1"), Pair("gone", "t0")})))
    assert check(one, Config()).is_eligible.tolist() == [[True, False], [True, True]]


def test_roster_stale_days_decides_who_is_stale() -> None:
    lenient = Config.model_validate({"settings": {"roster_stale_days": 500}})
    assert excluding_rules("roster_age", lenient)[0][0] == ""


def test_only_region_must_and_never_exclude_when_unknown() -> None:
    assert {rule.name for rule in RULES if rule.unknown_policy == "exclude"} == {"region", "must", "never"}


def test_a_rule_whose_column_is_empty_is_not_checked_and_is_reported_once() -> None:
    tables = clinic({"region": [None, None]}, {"licensed_regions": ["ca", "ny"]})
    result = check(tables, Config())
    assert result.is_eligible.all()
    assert "region" in [rule.name for rule in result.list_unchecked_rules(0)]
    assert not result.is_unknown.any()


def test_a_policy_the_clinic_states_applies_even_where_the_column_is_empty() -> None:
    tables = clinic({"region": [None]}, {"licensed_regions": ["ca", "ny"]})
    result = check(tables, config("region", unknown="exclude"))
    assert not result.is_eligible.any()
    assert "region" not in [rule.name for rule in result.list_unchecked_rules(0)]


def test_every_broken_rule_is_named_in_the_order_of_the_table() -> None:
    tables = clinic({"payer": ["aetna"], "region": ["ca"]}, {"payers": ["self pay"], "licensed_regions": ["ny"]})
    result = check(tables, Config())
    np.testing.assert_array_equal(result.join_rule_names(), [["region|payer"]])


def test_every_unknown_rule_name_is_listed_with_the_known_names() -> None:
    wrong = Config.model_validate({"rules": {"payers": {"on": False}, "licence": {}, "slot": {}}})
    with pytest.raises(DataFault) as caught:
        select_rules(wrong)
    assert [fault.column for fault in caught.value.faults] == ["rules.licence", "rules.payers"]
    assert "Did you mean `payer`? Known: `region`, `payer`," in str(caught.value)


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_the_texts_of_a_rule_have_the_right_form(rule: Rule) -> None:
    assert rule.unknown_policy_reason.endswith(".")
    for words in (rule.violation_text, rule.unknown_text, rule.remedy_text):
        assert words
        assert words[0].islower()
        assert not words.endswith(".")
    assert rule.unknown_text.startswith(("not known ", "always known"))
    assert all("." in place for place in rule.input_columns)


def test_names_are_unique() -> None:
    assert len(set(NAMES)) == len(NAMES)


def test_a_roster_with_more_age_groups_than_bits_of_a_word() -> None:
    tables = clinic({"age": [3.5, 66, 99]}, {"age_groups": [f"{age}-{age}" for age in range(100)]})
    np.testing.assert_array_equal(np.argwhere(check_rule("age_group", tables) == 1), [[0, 3], [1, 66], [2, 99]])
