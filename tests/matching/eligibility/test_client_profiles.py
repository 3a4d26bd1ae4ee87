"""Rules checked by profile of the clients: always what one client at a time gives."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attune_fit.data.arrays import Floats, Indices
from attune_fit.data.clinic.columns import list_columns
from attune_fit.data.clinic.settings import Config
from attune_fit.data.clinic.tables import Tables, UnreadableCell
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.matching.eligibility import client_profiles
from attune_fit.matching.eligibility.client_inputs import encode_client_profiles
from attune_fit.matching.eligibility.client_profiles import check_by_profile
from attune_fit.matching.eligibility.eligibility import EligibilityResult
from attune_fit.matching.eligibility.eligibility_rule import Rule
from attune_fit.matching.eligibility.readability import LIMITED_COLUMNS
from attune_fit.matching.eligibility.rule_bits import MAX_RULES
from attune_fit.matching.eligibility.rules import ALREADY_MET_RULE, READABLE_RULE, RULES, select_rules
from tests.strategies import NO_WISH, clinic, clinics, crowd

NAMES = [rule.name for rule in RULES]
WISHABLE = [name for name, column in list_columns("therapists").items() if column.kind != "id" and name not in NO_WISH]


def compute_parity(pairs: Pairs) -> Floats:
    """A rule of a clinic's own about rows: no profile can be known."""
    return np.where((pairs.client_rows + 2 * pairs.therapist_rows) % 3 == 2, np.nan, pairs.client_rows % 2.0)


PARITY_RULE = Rule("parity", (), compute_parity, "exclude", "Why.", "odd", "not known whether odd", "another", "odd")

configs = st.dictionaries(
    st.sampled_from(NAMES),
    st.fixed_dictionaries({"on": st.booleans()}, optional={"unknown": st.sampled_from(("allow", "exclude"))}),
    max_size=5,
).map(lambda rules: Config.model_validate({"rules": rules}))


@st.composite
def unreadable_clinics(draw: st.DrawFn) -> Tables:
    """Clinics with every kind of pair, and with cells that cannot be read; some columns are empty."""
    few = draw(st.none() | st.sets(st.sampled_from([*WISHABLE, *list_columns("clients")]), max_size=6))
    tables = draw(clinics(columns=few, most=9, wishes=10, outcomes=4, conflicts=4, states=5))
    clients = st.sampled_from(tables.clients["client_id"].tolist())
    therapists = st.sampled_from(tables.therapists["therapist_id"].tolist())
    cells = st.one_of(
        st.tuples(st.just("clients"), st.just(""), clients, st.just("aside")),
        st.tuples(st.just("therapists"), st.just(""), therapists, st.just("aside")),
        st.tuples(st.just("clients"), st.sampled_from(sorted(LIMITED_COLUMNS)), clients, st.just("limited")),
        st.tuples(st.just("therapists"), st.sampled_from(WISHABLE), therapists, st.just("missing")),
    )
    unreadable = draw(st.lists(cells, max_size=4))
    return replace(tables, unreadable=frozenset(UnreadableCell(*cell) for cell in unreadable))


def assert_same(result: EligibilityResult, expected: EligibilityResult) -> None:
    assert result.rules == expected.rules
    for name in ("excluded_bits", "unknown_bits", "unchecked_bits"):
        array = getattr(result, name)
        assert array.dtype == np.uint32
        np.testing.assert_array_equal(array, getattr(expected, name), err_msg=name, strict=True)


def test_the_result_has_no_other_arrays() -> None:
    assert len(fields(EligibilityResult)) == 4


@settings(max_examples=60, deadline=None)
@given(unreadable_clinics(), configs, st.sets(st.sampled_from((ALREADY_MET_RULE, PARITY_RULE)), max_size=2), st.data())
def test_it_is_what_every_pair_by_itself_gives(
    tables: Tables, config: Config, extra_rules: set[Rule], data: st.DataObject
) -> None:
    rules = (*select_rules(config), *sorted(extra_rules, key=lambda rule: rule.name))
    n_clients = len(tables.clients)
    client_rows = np.array(data.draw(st.lists(st.integers(0, n_clients - 1), max_size=12)), dtype=np.intp)
    sides = Sides(tables)
    expected = EligibilityResult.from_rules(Pairs.cross(Sides(tables), client_rows), rules)
    for pairs_per_step in (0, 20, client_profiles.PAIRS_PER_STEP):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(client_profiles, "PAIRS_PER_STEP", pairs_per_step)
            assert_same(check_by_profile(sides, rules, client_rows), expected)


@pytest.mark.parametrize("seed", range(5))
def test_it_is_the_same_for_a_crowd(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_profiles, "PAIRS_PER_STEP", 200)
    tables, rules = crowd(seed, people=40), (*select_rules(Config()), ALREADY_MET_RULE)
    rows = np.random.default_rng(seed).permutation(40)
    expected = EligibilityResult.from_rules(Pairs.cross(Sides(tables), rows), rules)
    assert_same(check_by_profile(Sides(tables), rules, rows), expected)


def test_a_rule_is_evaluated_once_for_each_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_profiles, "PAIRS_PER_STEP", 1)
    seen: list[Indices] = []

    def check_region(pairs: Pairs) -> Floats:
        seen.append(pairs.client_rows[:, 0])
        return pairs.has_shared_code("region", "licensed_regions")

    tables = clinic({"region": ["ca", "ny", "ca", None, "ny", "ca"]}, {"licensed_regions": ["ca", "ny"]})
    rules = [replace(RULES[0], function=check_region)]
    check_by_profile(Sides(tables), rules, np.arange(6))
    assert np.concatenate(seen).tolist() == [0, 1, 3]
    seen.clear()
    check_by_profile(Sides(tables), [replace(rules[0], client_inputs=None)], np.arange(6))
    assert np.concatenate(seen).tolist() == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("rule", [*RULES, READABLE_RULE, ALREADY_MET_RULE], ids=lambda rule: rule.name)
def test_every_rule_states_what_of_a_client_it_reads(rule: Rule) -> None:
    """Columns are stated once: a rule that compares a column of clients names it in ``input_columns`` alone."""
    assert rule.client_inputs is not None
    reads_column = any(place.startswith("clients.") for place in rule.input_columns)
    assert reads_column == bool({"columns", "full_years"} & set(rule.client_inputs))


def test_equal_sets_of_wishes_are_one_profile_whatever_their_order() -> None:
    wishes = [
        (0, "gender", "f", "must"), (0, "age", "40-60", "must"),
        (1, "age", "40-60", "must"), (1, "gender", "f", "must"),
        (2, "gender", "f", "must"), (3, "gender", "f", "prefer"), (4, "age", "40-60", "must"),
    ]  # fmt: skip
    sides = Sides(clinic({"age": [30] * 6}, {"gender": ["m"]}, wishes))
    rule = next(rule for rule in RULES if rule.name == "must")
    numbers = encode_client_profiles(sides, rule)
    assert numbers[0] == numbers[1]
    assert numbers[3] == numbers[5]
    assert len(set(numbers.tolist())) == 4


def test_more_rules_than_bits_are_refused() -> None:
    sides, rules = Sides(clinic({"age": [30]}, {"age": [40]})), [PARITY_RULE] * (MAX_RULES + 1)
    with pytest.raises(ValueError, match="at most 32 rules"):
        check_by_profile(sides, rules, np.arange(1))
    with pytest.raises(ValueError, match="at most 32 rules"):
        EligibilityResult.from_rules(Pairs.cross(sides), rules)
    full = EligibilityResult.from_rules(Pairs.cross(sides), rules[:MAX_RULES])
    assert full.excluded_bits.tolist() == [[2**MAX_RULES - 1]]


@pytest.mark.parametrize(
    "cell",
    [
        ("clients", "", "c0", "aside"),
        ("clients", "age", "c0", "limited"),
        ("clients", "presenting_problems", "c3", "limited"),
        ("therapists", "languages", "t1", "missing"),  # c1 and c2 have a wish about it
    ],
)
def test_what_cannot_be_read_of_a_client_is_part_of_the_profile(
    cell: tuple[str, str, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_profiles, "PAIRS_PER_STEP", 1)
    tables = clinic(
        {"age": [30] * 4, "presenting_problems": ["grief"] * 4},
        {"age_groups": ["18-64", None], "problems_not_taken": [None, "trauma"], "languages": ["english", None]},
        [(1, "languages", "english", "must"), (2, "languages", "english", "never")],
    )
    tables = replace(tables, unreadable=frozenset({UnreadableCell(*cell)}))
    result = check_by_profile(Sides(tables), [READABLE_RULE], np.arange(4))
    assert_same(result, EligibilityResult.from_rules(Pairs.cross(Sides(tables)), [READABLE_RULE]))
    assert len(np.unique(result.excluded_bits)) == 2
