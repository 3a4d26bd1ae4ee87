"""Checks that are due, and a second recommendation, as they read in a terminal and for programs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from tests.conftest import Attune

RIVERSIDE = Path(__file__).parents[3] / "examples" / "riverside"


@pytest.fixture(scope="module")
def riverside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(RIVERSIDE, tmp_path_factory.mktemp("following") / "riverside"))


def test_riverside_is_told_whom_to_look_at_and_what_is_not_known(attune: Attune, riverside: Path) -> None:
    said = " ".join(attune("follow-up", riverside).stdout.split())
    told = json.loads(attune("follow-up", riverside, "--json").stdout)
    weak = [one for one in told["pairs"] if "weak" in one["flags"]]
    assert weak
    assert all(one["score"] <= told["rules"][0]["points"] + 1e-6 for one in weak)
    for words in ("no cut-off is validated", "talk about it with the client", "r = 0.278", "97 clients not followed up",
                  f"{told['due']} checks due so far: {told['done']} done, with an early score",
                  f"attune rematch {riverside} --client {weak[0]['client_id']}"):  # fmt: skip
        assert words in said


def test_no_list_sets_therapists_scores_side_by_side(attune: Attune, riverside: Path) -> None:
    told = json.loads(attune("follow-up", riverside, "--json").stdout)
    assert all(isinstance(number, int) for number in told["missing_by_therapist"].values())
    assert list(told["missing_by_therapist"]) == sorted(told["missing_by_therapist"])


def test_a_rematch_names_who_was_met_and_tells_what_a_change_may_bring(attune: Attune, riverside: Path) -> None:
    weak = json.loads(attune("follow-up", riverside, "--json").stdout)["pairs"][0]
    words = ("rematch", riverside, "--client", weak["client_id"], "--shortlist", 2)
    told = json.loads(attune(*words, "--json").stdout)
    assert [one["therapist_id"] for one in told["met"]] == [weak["therapist_id"]]
    assert told["met"][0]["rated"] == pytest.approx(weak["score"], abs=1e-6)
    assert told["observed_changes"]["moved"] == {"clients": 0, "mean": None, "low": None, "high": None}
    said = " ".join(attune(*words).stdout.split())
    for phrase in ("the client has met this therapist", f"rated {weak['score']:.2f}; without a change",
                   f"Expected difference from staying with {weak['therapist_id']}", "We know of no trial",
                   f"{told['changes'][0]['points']:+.2f}"):  # fmt: skip
        assert phrase in said
    kinds = [json.loads(line)["kind"] for line in (riverside / "artifacts/rankings.jsonl").read_text().splitlines()]
    assert kinds == ["rematch", "rematch"]


def test_who_met_nobody_is_told_what_to_do(attune: Attune, clinic: Path) -> None:
    clients, seen = (pd.read_csv(clinic / f"{name}.csv", dtype=str)["client_id"] for name in ("clients", "outcomes"))
    client = min(set(clients) - set(seen))
    assert f"attune rank CLINIC --client {client}" in attune.fails("rematch", clinic, "--client", client)


def test_what_is_wrong_in_follow_up_is_found_by_check(attune: Attune, clinic: Path) -> None:
    with (clinic / "clinic.toml").open("a") as file:
        file.write('\n[follow_up.weak]\n"WAI-SR" = 60\n')
    assert "Write points from 1 to below 5." in attune.fails("check", clinic)


def test_a_clinic_without_outcomes_has_nothing_to_follow_up(attune: Attune, clinic: Path) -> None:
    (clinic / "outcomes.csv").unlink()
    told = json.loads(attune("follow-up", clinic, "--json").stdout)
    assert (told["pairs"], told["rules"], told["due"]) == ([], [], 0)
    assert attune("follow-up", clinic).exit_code == 0


def test_changes_in_ones_own_records_are_told_with_what_speaks_against_them(attune: Attune, clinic: Path) -> None:
    with (clinic / "clinic.toml").open("a") as file:
        file.write('\n[follow_up.weak]\n"WAI-SR" = 4.9\n')
    seen = pd.read_csv(clinic / "outcomes.csv", dtype=str)
    mine = seen[(seen["rater"] == "client") & seen["score"].notna()]
    late = mine.drop_duplicates("client_id").assign(session="9", score="4.5")
    pd.concat([seen, late]).to_csv(clinic / "outcomes.csv", index=False)
    said = " ".join(attune("rematch", clinic, "--client", mine["client_id"].iloc[0]).stdout.split())
    assert "0 clients (too few for a mean) with a second therapist" in said
    assert "later with the same one" in said
