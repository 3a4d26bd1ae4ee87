"""`attune rank` for all clients who wait: a worklist, each client's shortlist, and the log of both."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from attune_fit.data.command_words import format_word
from tests.conftest import Attune

pytestmark = pytest.mark.usefixtures("untracked")


def read_log(clinic: Path) -> list[dict[str, object]]:
    path = clinic / "artifacts" / "rankings.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_those_who_wait_are_a_worklist_and_every_ranking_is_logged(attune: Attune, clinic: Path) -> None:
    rankings = {one["client_id"]: one for one in json.loads(attune("rank", clinic, "--waiting", "--json").stdout)}
    n_logged = len(read_log(clinic))
    assert n_logged == len(rankings)
    output = attune("rank", clinic, "--waiting").stdout
    assert f"{len(rankings)} clients waiting" in output
    assert len(output.splitlines()) < len(rankings) + 20
    assert "because" not in output
    rows = [line.split() for line in output.splitlines() if line.split() and line.split()[0] in rankings]
    assert {row[0] for row in rows} == set(rankings)
    for row in rows:
        candidates = rankings[row[0]]["candidates"]
        assert (candidates[0]["therapist_id"] if candidates else "none") in row
    log = read_log(clinic)[n_logged:]
    assert {one["client_id"] for one in log} == set(rankings)
    for one in log:
        candidates = rankings[str(one["client_id"])]["candidates"]
        assert one["shown"] == [candidate["therapist_id"] for candidate in candidates[:1]], (
            "the worklist shows no other"
        )


@pytest.mark.parametrize("option", ["--full", "--why"])
def test_the_shortlists_are_one_option_away(attune: Attune, clinic: Path, option: str) -> None:
    rankings = json.loads(attune("rank", clinic, "--waiting", "--json").stdout)
    output = attune("rank", clinic, "--waiting", option).stdout
    assert output.count("on the roster: ") == len(rankings)
    assert ("one therapist can be listed under several rules" in output) is (option == "--why")


def test_the_list_of_one_client_ends_with_the_next_command(attune: Attune, clinic: Path) -> None:
    rankings = json.loads(attune("rank", clinic, "--waiting", "--json").stdout)
    one = next(one for one in rankings if one["candidates"])
    client, first = one["client_id"], one["candidates"][0]["therapist_id"]
    last = attune("rank", clinic, "--client", client, columns=10_000).stdout.splitlines()[-1]
    assert last == f"Next: attune explain {format_word(clinic)} --client {client} --therapist {first}"
    assert "Next:" not in attune("rank", clinic, "--client", client, "--json").stdout
    roster = pd.read_csv(clinic / "therapists.csv", dtype=str)
    roster.assign(open_slots="0").to_csv(clinic / "therapists.csv", index=False)
    last = attune("rank", clinic, "--client", client, columns=10_000).stdout.splitlines()[-1]
    assert last == f"Next: attune relax {format_word(clinic)} --client {client}"


def test_the_footer_gives_the_order_inside_a_band(attune: Attune, clinic: Path) -> None:
    rankings = json.loads(attune("rank", clinic, "--waiting", "--json").stdout)
    client = next(one["client_id"] for one in rankings if one["candidates"])
    output = attune("rank", clinic, "--client", client, columns=10_000).stdout
    assert "more wishes met come first, then the order is random." in output


def test_the_order_is_in_the_help(attune: Attune) -> None:
    text = " ".join(attune("rank", "--help").output.split())
    assert "in each group the longest wait comes first" in text
