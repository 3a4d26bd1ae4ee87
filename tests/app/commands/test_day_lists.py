"""The commands of the day's lists print what the verbs return, as JSON and for a person."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from attune_fit.data.command_words import format_word
from attune_fit.workspace import Workspace
from tests.conftest import Attune

COMMANDS: dict[str, tuple[tuple[str, ...], str, dict[str, Any]]] = {  # options, the verb, and its arguments
    "today": ((), "today", {}),
    "waiting": (("--most", "3", "--sort", "wait"), "waiting_list", {"most": 3, "sort": "wait"}),
    "roster": (("--state", "stale"), "roster", {"state": "stale"}),
    "who-fits": (("--therapist", "t05"), "who_fits", {"therapist_id": "t05"}),
    "leaving": (("--therapist", "t02"), "plan_leave", {"therapist_id": "t02"}),
}


@pytest.fixture
def busy(clinic: Path) -> Path:
    """The sample clinic with an offer, a decline and an opening."""
    workspace = Workspace(clinic)
    workspace.record("offered", client="c0077", therapist="t07", until="2026-01-09")
    workspace.record("offered", client="c0064", therapist="t15", on="2026-01-02")
    workspace.record("declined", client="c0064", therapist="t15", by="client", reason="no-answer")
    workspace.record("opening_set", therapist="t09", openings=2)
    workspace.record("client_changed", client="c0064", cells={"priority": "urgent"})
    return clinic


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_prints_as_json_what_the_verb_returns(busy: Path, attune: Attune, command: str) -> None:
    options, verb, arguments = COMMANDS[command]
    done = attune(command, busy, *options, "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == getattr(Workspace(busy), verb)(**arguments).to_dict()


def test_today_names_what_is_due_and_who_waits_first(busy: Path, attune: Attune) -> None:
    text = attune("today", busy).stdout
    for part in ("Today: ", "This week: 3", "The offer of t07 to c0077 ends on 2026-01-09", "t09"):
        assert part in text
    assert text.index("Today") < text.index("This week") < text.index("urgent")


def test_today_prints_a_few_tasks_of_each_kind_and_all_with_an_option(
    busy: Path, attune: Attune, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("attune_fit.app.views.today.N_OF_KIND", 1)
    assert "1 more: --all" in attune("today", busy).stdout
    everything = attune("today", busy, "--all").stdout
    assert "more: --all" not in everything
    assert "t02 was checked" in everything
    assert "t12 was checked" in everything


def test_the_waiting_list_shows_the_urgent_client_first_and_the_next_commands(busy: Path, attune: Attune) -> None:
    text = attune("waiting", busy).stdout
    rows = [line for line in text.splitlines() if line.strip().startswith("c00")]
    assert len(rows) == 20
    assert rows[0].split()[:2] == ["c0064", "urgent"]
    assert "client declined: no-answer" in rows[0]
    assert "from t07" in next(row for row in rows if "c0077" in row)
    assert f"attune rank {format_word(busy)}" in text
    assert "No client is in this part" in attune("waiting", busy, "--state", "accepted").stdout


def test_a_client_without_a_candidate_shows_why_and_what_to_try(clinic: Path, attune: Attune) -> None:
    text = attune("waiting", clinic).stdout
    row = next(line for line in text.splitlines() if line.strip().startswith("c0063"))
    assert "11 not licensed here" in row
    assert f"attune relax {format_word(clinic)} --client c0063" in text


def test_the_roster_prints_limits_only_where_there_is_room(busy: Path, attune: Attune) -> None:
    wide, narrow = attune("roster", busy).stdout, attune("roster", busy, columns=80).stdout
    assert "not trauma, ocd" in wide
    assert "not trauma" not in narrow
    assert max(map(len, narrow.splitlines())) <= 80
    assert "0 of 4" in narrow  # t02
    assert "No therapist is in this state" in attune("roster", busy, "--state", "set aside").stdout


def test_who_fits_names_the_rules_where_no_client_fits(busy: Path, attune: Attune) -> None:
    assert "full" in attune("who-fits", busy, "--therapist", "t04").stdout
    text = attune("who-fits", busy, "--therapist", "t05", "--most", "2").stdout
    assert "more: --most" in text
    assert f"attune record {format_word(busy)} offered --client" in text


def test_leaving_records_only_when_asked(busy: Path, attune: Attune) -> None:
    Workspace(busy).record("started", client="c0070", therapist="t16", on="2026-01-02")
    n_events = Workspace(busy).count_events()
    text = attune("leaving", busy, "--therapist", "t16").stdout
    assert "Nothing is recorded yet" in text
    assert Workspace(busy).count_events() == n_events
    done = attune("leaving", busy, "--therapist", "t16", "--record", "--actor", "ana")
    assert "Recorded as events" in done.stdout, done.output
    assert Workspace(busy).count_events() == n_events + 3  # an end, an offer, and no opening
    again = attune("leaving", busy, "--therapist", "t16", "--json")
    assert json.loads(again.stdout)["moves"] == []


def test_a_word_that_no_list_knows_is_an_error(busy: Path, attune: Attune) -> None:
    assert "urgent" in attune.fails("waiting", busy, "--priority", "urgnt")
