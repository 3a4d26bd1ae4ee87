"""What a form of a client asks for, and finding clients by a part of the id."""

import re
from pathlib import Path

import pytest

from attune_fit.data.clinic.columns import STRENGTHS, list_columns
from attune_fit.form_fields import UNCLEAR, find_next_id
from attune_fit.workspace import Workspace, open_clinic
from tests.conftest import SAMPLE


@pytest.fixture(scope="module")
def workspace() -> Workspace:
    return open_clinic(SAMPLE)


def test_the_form_asks_for_every_column_that_an_event_sets(workspace: Workspace) -> None:
    asked = workspace.client_form().result
    assert {one.name for one in asked.fields} == set(list_columns("clients")) - {"client_id"}
    assert asked.strengths == STRENGTHS
    for one in asked.fields:
        column = list_columns("clients")[one.name]
        assert (one.kind, one.low, one.high, one.codes) == (column.kind, column.low, column.high, column.codes)


def test_suggestions_are_codes_of_the_clinic(workspace: Workspace) -> None:
    by_name = {one.name: one for one in workspace.client_form().result.fields}
    assert set(workspace.tables.clients["payer"].dropna()) <= set(by_name["payer"].suggestions)
    assert by_name["lgbtq"].suggestions == ("yes", "no")
    assert by_name["phq9"].suggestions == ()


def test_a_wish_is_suggested_only_where_a_therapist_can_meet_it(workspace: Workspace) -> None:
    by_name = {one.name: one for one in workspace.client_form().result.wishes}
    roster = workspace.tables.therapists
    assert set(by_name["gender"].suggestions) == set(roster["gender"].dropna())
    assert set(by_name["therapist_id"].suggestions) == set(roster["therapist_id"])
    assert "updated_on" not in by_name


def test_fields_of_rules_with_the_policy_exclude_are_named(workspace: Workspace) -> None:
    named = [one.name for one in workspace.form_fields("clients").result if one.excludes_unknown]
    assert named == ["region"]


def test_only_tables_of_people_have_a_form(workspace: Workspace) -> None:
    assert {one.name for one in workspace.form_fields("therapists").result} >= {"payers", "formats"}
    with pytest.raises(ValueError, match="must be 'clients' or 'therapists'"):
        workspace.form_fields("outcomes")


def test_the_next_id_is_free_and_has_the_form_of_the_others(workspace: Workspace) -> None:
    ids = set(workspace.tables.clients["client_id"])
    suggested = workspace.client_form().result.next_id
    assert suggested not in ids
    assert re.fullmatch(r"c\d{4}", suggested)
    assert find_next_id(["a-9", "a-10", "b-77"]) == "a-11"


def test_clients_are_found_by_a_part_of_the_id(workspace: Workspace) -> None:
    found = workspace.find_clients("C002").result
    expected = sorted(one for one in workspace.list_client_ids(waiting_only=False) if "c002" in one)
    assert (found.exact, found.total) == (None, len(expected))
    waiting = set(workspace.list_client_ids(waiting_only=True))
    assert [row.client_id for row in found.rows] == sorted(expected, key=lambda one: (one not in waiting, one))
    assert [row.is_waiting for row in found.rows] == [row.client_id in waiting for row in found.rows]
    assert workspace.find_clients("c002", most=1).result.total == len(expected)
    assert workspace.find_clients(" ").result.total == 0
    assert workspace.find_clients("c0022", among=["c0023"]).result.exact is None


def test_who_waits_is_found_first_and_each_state_is_that_of_the_client(clinic: Path) -> None:
    workspace = open_clinic(clinic)
    workspace.record("offered", client="c0063", therapist="t07")
    workspace.record("started", client="c0061", therapist="t03")
    states = {row.client_id: row.state for row in workspace.find_clients("c006").result.rows}
    assert list(states)[-3:] == ["c0060", "c0061", "c0063"]
    assert {states.pop("c0060"), states.pop("c0061"), states.pop("c0063")} == {UNCLEAR, "in therapy", "offered"}
    assert set(states.values()) == {"waiting"}
    assert [row.client_id for row in workspace.find_clients("c006", most=1).result.rows] == ["c0062"]
