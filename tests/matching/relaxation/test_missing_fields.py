"""Where a cell of the client is unknown, the client is asked for it, and no therapist is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from attune_fit.app.views.relaxation import show_relaxation
from attune_fit.data.clinic.tables import Tables
from attune_fit.matching.ranking.scored_roster import RosterScorer
from attune_fit.matching.relaxation.proposed_change import find_missing_columns
from attune_fit.matching.relaxation.relax import MissingField, RelaxationResult, relax
from tests.matching.builders import opened, published
from tests.strategies import clinic

ROSTER: dict[str, Any] = {
    "licensed_regions": ["ca", "ny", "ca", None],
    "open_slots": [1.0, 1.0, 0.0, 1.0],
    "formats": ["video"] * 4,
}
STRICT = '[rules.format]\nunknown = "exclude"\n'


def find(client: dict[str, Any], toml: str = "", roster: dict[str, Any] = ROSTER) -> RelaxationResult:
    # another client has a region, so that the rule is checked
    tables = clinic({name: [cell, "ca" if name == "region" else "video"] for name, cell in client.items()}, roster)
    return relax(RosterScorer.from_clinic(published(), opened(toml), tables), "c0")


def list_requests(found: RelaxationResult) -> list[list[str]]:
    return [[step.request for step in option.steps] for option in found.ways]


def test_the_client_is_asked_first_and_no_therapist_is_asked_for_it() -> None:
    found = find({"region": None})
    assert found.candidates == 0
    first = found.ways[0]
    assert [step.request for step in first.steps] == ["Ask the client for the region"]
    assert (first.steps[0].side, first.steps[0].codes, first.steps[0].event) == ("client", ("region",), None)
    assert (first.certain, first.each, first.events) == (False, False, None)
    assert set(first.only_together) == {"t0", "t1", "t3"}
    assert ["Ask the client for the region", "Ask t2 to take one more client"] in [
        sorted(requests, key=lambda one: "the client" not in one) for requests in list_requests(found)
    ]
    assert not any(step.relaxation == "asked" for option in found.ways for step in option.steps)


def test_a_therapist_is_asked_where_only_the_cell_of_the_therapist_is_unknown() -> None:
    found = find({"region": "ca"})
    assert ["Ask t3 whether licensed in the client's region"] in list_requests(found)
    assert not any(step.relaxation == "intake" for option in found.ways for step in option.steps)
    assert found.missing_fields == ()


def test_the_unknown_cells_are_counted_the_one_that_excludes_most_first() -> None:
    found = find({"region": None, "formats": None}, STRICT)
    assert found.missing_fields == (MissingField("region", "region", 4), MissingField("formats", "format", 4))
    assert list_requests(found)[0] == ["Ask the client for the region", "Ask the client for the formats"]
    assert find({"region": None, "formats": None}).missing_fields == (MissingField("region", "region", 4),)


def test_an_answer_ends_the_question() -> None:
    tables = clinic({"region": [None, "ca"], "age": [30.0, None]}, ROSTER)
    assert find_missing_columns(tables, 0)["region"] == "region"
    assert "age_group" not in find_missing_columns(tables, 0)
    assert find_missing_columns(tables, 1)["age_group"] == "age"
    answered = replace(tables, clients=tables.clients.assign(region=["ca", "ca"]))
    assert "region" not in find_missing_columns(answered, 0)


def test_the_terminal_names_the_cell_and_counts_the_therapists(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    show_relaxation(find({"region": None}), "")
    shown = capsys.readouterr().out
    assert "The client's region is not known. Without it Attune cannot check 4 therapists." in shown
    assert "Ask the client for the region: adds up to 3 therapists, depending on the answer" in shown


def test_a_clinic_can_switch_the_question_off() -> None:
    tables: Tables = clinic({"region": [None, "ca"]}, ROSTER)
    found = relax(RosterScorer.from_clinic(published(), opened('[relax]\noff = ["intake"]'), tables), "c0")
    assert found.ways == ()
    assert found.missing_fields[0].field == "region"
