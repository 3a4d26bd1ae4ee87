"""The table of rules: switches, policies and words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from attune_fit.data.clinic.settings import Config
from attune_fit.data.clinic.tables import Tables
from attune_fit.data.faults import DataFault
from attune_fit.features.pairs import Pairs, Sides
from attune_fit.matching.eligibility.eligibility import EligibilityResult
from attune_fit.matching.eligibility.rules import RULES, Rule, select_rules
from tests.strategies import AS_OF, clinic

NAMES = [rule.name for rule in RULES]
OLD = pd.Timestamp(AS_OF) - pd.Timedelta(days=400)

# For each rule: a clinic where it alone leaves t0 out; t1 is not known where anything can be unknown; t2 is kept.
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
    "age_group": clinic({"age": [30, None]}, {"age_groups": ["65-", "65-", None]}),
    "problems_not_taken": clinic(
        {"presenting_problems": ["grief", None]}, {"problems_not_taken": ["grief", "grief", None]}
    ),
    "roster_age": clinic({"age": [30]}, {"updated_on": [OLD, None, pd.Timestamp(AS_OF)]}),
}
POLICIES = ("allow", "exclude")
ON_THE_CLIENT = ("age_group", "problems_not_taken")  # here the unknown cell is that of the second client


def config(name: str, **setting: object) -> Config:
    return Config.model_validate({"rules": {name: setting}})


def left_out(name: str, clinic_config: Config) -> list[list[str]]:
    judged = EligibilityResult.from_rules(Pairs.cross(Sides(BROKEN[name])), select_rules(clinic_config))
    return [[str(said) for said in row] for row in judged.join_rule_names()]


@pytest.mark.parametrize("name", NAMES)
def test_a_broken_rule_leaves_out_and_is_named(name: str) -> None:
    first = left_out(name, Config())[0]
    assert first[0] == name
    assert first[2] == ""


@pytest.mark.parametrize("name", NAMES)
def test_a_rule_switched_off_leaves_nobody_out(name: str) -> None:
    assert {said for row in left_out(name, config(name, on=False)) for said in row} == {""}


@pytest.mark.parametrize("name", [name for name in NAMES if name != "conflict"])
def test_the_policy_for_the_unknown_is_honoured(name: str) -> None:
    place = (1, 0) if name in ON_THE_CLIENT else (0, 1)
    by_policy = {policy: left_out(name, config(name, unknown=policy))[place[0]][place[1]] for policy in POLICIES}
    assert by_policy == {"allow": "", "exclude": name}
    default = next(rule.unknown_policy for rule in RULES if rule.name == name)
    assert left_out(name, Config())[place[0]][place[1]] == by_policy[default]


def test_roster_stale_days_decides_who_is_stale() -> None:
    patient = Config.model_validate({"settings": {"roster_stale_days": 500}})
    assert left_out("roster_age", patient)[0][0] == ""


def test_what_must_not_be_doubted_is_left_out_when_unknown() -> None:
    assert {rule.name for rule in RULES if rule.unknown_policy == "exclude"} == {"region", "must", "never"}


def test_a_rule_whose_column_the_clinic_does_not_keep_is_not_checked_and_said_once() -> None:
    tables = clinic({"region": [None, None]}, {"licensed_regions": ["ca", "ny"]})
    judged = EligibilityResult.from_rules(Pairs.cross(Sides(tables)), select_rules(Config()))
    assert judged.is_eligible.all()
    assert "region" in [rule.name for rule in judged.list_unchecked_rules(0)]
    assert not judged.is_unknown.any()


def test_a_policy_the_clinic_states_holds_even_where_it_keeps_no_such_column() -> None:
    tables = clinic({"region": [None]}, {"licensed_regions": ["ca", "ny"]})
    judged = EligibilityResult.from_rules(Pairs.cross(Sides(tables)), select_rules(config("region", unknown="exclude")))
    assert not judged.is_eligible.any()
    assert "region" not in [rule.name for rule in judged.list_unchecked_rules(0)]


def test_every_broken_rule_is_named_in_the_order_of_the_table() -> None:
    tables = clinic({"payer": ["aetna"], "region": ["ca"]}, {"payers": ["self pay"], "licensed_regions": ["ny"]})
    judged = EligibilityResult.from_rules(Pairs.cross(Sides(tables)), select_rules(Config()))
    np.testing.assert_array_equal(judged.join_rule_names(), [["region|payer"]])


def test_names_no_rule_has_are_all_told_with_the_known_ones() -> None:
    wrong = Config.model_validate({"rules": {"payers": {"on": False}, "licence": {}, "slot": {}}})
    with pytest.raises(DataFault) as caught:
        select_rules(wrong)
    assert [fault.column for fault in caught.value.faults] == ["rules.licence", "rules.payers"]
    assert "Did you mean `payer`? Known: `region`, `payer`," in str(caught.value)


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_a_rule_is_fit_to_be_read(rule: Rule) -> None:
    assert rule.unknown_policy_reason.endswith(".")
    for words in (rule.violation_text, rule.unknown_text, rule.remedy_text):
        assert words
        assert words[0].islower()
        assert not words.endswith(".")
    assert all("." in place for place in rule.input_columns)


def test_names_are_told_apart() -> None:
    assert len(set(NAMES)) == len(NAMES)
