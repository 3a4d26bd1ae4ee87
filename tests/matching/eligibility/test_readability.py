"""The rule `readable`: an unreadable cell leaves out exactly the pairs that it could restrict."""

from dataclasses import replace

import numpy as np
import pytest

from attune_fit.data.clinic.columns import COLUMNS
from attune_fit.data.clinic.settings import Config
from attune_fit.data.clinic.tables import Tables, UnreadableCell
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.matching.eligibility.eligibility import EligibilityResult
from attune_fit.matching.eligibility.readability import LIMITED_COLUMNS, check_readable
from attune_fit.matching.eligibility.rules import READABLE_RULE, RULES, select_rules
from tests.strategies import clinic

CLIENTS: dict[str, list[object]] = {"age": [30, 30, 30], "presenting_problems": ["grief"] * 3}
THERAPISTS: dict[str, list[object]] = {
    "age": [40, 40],
    "age_groups": ["18-64", None],
    "problems_not_taken": [None, "trauma"],
    "languages": ["english", None],
}
WISHES = [(1, "languages", "english", "must"), (2, "languages", "english", "never")]


def find_concerned(*cells: tuple[str, str, str, str]) -> set[tuple[str, str]]:
    """Return the pairs that the rule leaves out, as client and therapist."""
    tables = replace(make_tables(), unreadable=frozenset(UnreadableCell(*cell) for cell in cells))
    result = check_readable(Pairs.cross(Sides(tables)))
    return {(f"c{row}", f"t{column}") for row, column in zip(*np.nonzero(result == 0), strict=True)}


def make_tables() -> Tables:
    return clinic(CLIENTS, THERAPISTS, wishes=WISHES)


def test_without_unreadable_cells_no_pair_is_left_out() -> None:
    assert not find_concerned()


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (("clients", "", "c1", "aside"), {("c1", "t0"), ("c1", "t1")}),
        (("therapists", "", "t1", "aside"), {("c0", "t1"), ("c1", "t1"), ("c2", "t1")}),
        (("clients", "age", "c0", "limited"), {("c0", "t0")}),  # only t0 sets a limit on the age
        (("clients", "presenting_problems", "c2", "limited"), {("c2", "t1")}),
        (("therapists", "languages", "t1", "missing"), {("c1", "t1"), ("c2", "t1")}),  # both have a wish about it
        (("therapists", "languages", "t0", "missing"), set()),  # c1 wishes english, and c2 is ruled out by `never`
        (("therapists", "gender", "t0", "missing"), set()),  # no client has a wish about it
    ],
)
def test_a_cell_leaves_out_the_pairs_it_could_restrict(
    cell: tuple[str, str, str, str], expected: set[tuple[str, str]]
) -> None:
    assert find_concerned(cell) == expected


def test_a_never_about_a_set_of_which_a_part_was_read_leaves_the_therapist_out() -> None:
    tables = make_tables()
    therapists = tables.therapists.assign(languages=["english|spanish", "spanish"])
    cell = UnreadableCell("therapists", "languages", "t1", "missing")
    pairs = Pairs.cross(Sides(replace(tables, therapists=therapists, unreadable=frozenset({cell}))))
    assert check_readable(pairs)[2].tolist() == [1.0, 0.0]


def test_a_list_of_pairs_gives_the_same_as_every_client_with_every_therapist() -> None:
    cells = frozenset(
        {UnreadableCell("clients", "age", "c0", "limited"), UnreadableCell("therapists", "", "t1", "aside")}
    )
    sides = Sides(replace(make_tables(), unreadable=cells))
    cross = check_readable(Pairs.cross(sides))
    listed = check_readable(Pairs.from_rows(sides, [0, 0, 1, 1, 2, 2], [0, 1, 0, 1, 0, 1]))
    np.testing.assert_array_equal(cross.ravel(), listed)


def test_no_clinic_can_switch_the_rule_off() -> None:
    rules = select_rules(Config.model_validate({"rules": {"open_slots": {"on": False}}}))
    assert rules[-1] is READABLE_RULE
    tables = replace(make_tables(), unreadable=frozenset({UnreadableCell("clients", "", "c0", "aside")}))
    result = EligibilityResult.from_rules(Pairs.cross(Sides(tables)), rules)
    assert not result.is_eligible[0].any()
    assert result.join_rule_names()[0, 0].endswith("readable")


def test_each_limited_column_is_checked_against_a_limit() -> None:
    assert LIMITED_COLUMNS == {"age": "age_groups", "presenting_problems": "problems_not_taken"}


def test_the_columns_of_a_rule_say_what_an_unreadable_cell_means() -> None:
    """A rule reads exactly the columns that name it, so that none of their cells fails open."""
    for rule in RULES:
        named = {f"{column.table}.{column.name}" for column in COLUMNS if column.rule == rule.name}
        assert named == {place for place in rule.input_columns if place.split(".")[0] in ("clients", "therapists")}
    assert all(column.unreadable in ("aside", "limited") for column in COLUMNS if column.rule)
