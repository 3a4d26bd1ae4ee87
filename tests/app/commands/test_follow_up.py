"""`attune follow-up` and `attune rematch`, for people and for programs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from attune_fit.data.command_words import format_word
from tests.conftest import Attune

RIVERSIDE = Path(__file__).parents[3] / "examples" / "riverside"


@pytest.fixture(scope="module")
def riverside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(RIVERSIDE, tmp_path_factory.mktemp("following") / "riverside"))


def test_riverside_gets_its_flagged_pairs_and_the_limits_of_the_evidence(attune: Attune, riverside: Path) -> None:
    output = " ".join(attune("follow-up", riverside, "--why").stdout.split())
    short = " ".join(attune("follow-up", riverside).stdout.split())
    assert "r = " not in short
    assert "d = " not in short
    assert "(read)" not in short
    assert "No study cited here shows that a change of therapist after a low score helps." in short
    report = json.loads(attune("follow-up", riverside, "--json").stdout)
    weak = [one for one in report["pairs"] if "weak" in one["flags"]]
    assert weak
    assert all(one["score"] <= report["rules"][0]["points"] + 1e-6 for one in weak)
    for words in ("no cut-off is validated", "talk about it with the client", "r = 0.278", "97 clients not followed up",
                  f"{report['due']} checks due so far: {report['done']} done, with an early score",
                  f"attune rematch {format_word(riverside)} --client {weak[0]['client_id']}"):  # fmt: skip
        assert words in output


def test_no_list_sets_therapists_scores_side_by_side(attune: Attune, riverside: Path) -> None:
    report = json.loads(attune("follow-up", riverside, "--json").stdout)
    assert all(isinstance(number, int) for number in report["missing_by_therapist"].values())
    assert list(report["missing_by_therapist"]) == sorted(report["missing_by_therapist"])


def test_a_rematch_names_the_therapist_met_and_the_expected_change(attune: Attune, riverside: Path) -> None:
    weak = json.loads(attune("follow-up", riverside, "--json").stdout)["pairs"][0]
    words = ("rematch", riverside, "--client", weak["client_id"], "--shortlist", 2)
    report = json.loads(attune(*words, "--json").stdout)
    assert [one["therapist_id"] for one in report["met"]] == [weak["therapist_id"]]
    assert report["met"][0]["rated"] == pytest.approx(weak["score"], abs=1e-6)
    assert report["observed_changes"]["moved"] == {"clients": 0, "mean": None, "low": None, "high": None}
    output = " ".join(attune(*words, "--why").stdout.split())
    for phrase in ("the client has met this therapist", f"rated {weak['score']:.2f}; without a change",
                   f"Expected difference from staying with {weak['therapist_id']}", "We know of no trial",
                   f"{report['changes'][0]['points']:+.2f}"):  # fmt: skip
        assert phrase in output
    kinds = [json.loads(line)["kind"] for line in (riverside / "artifacts/rankings.jsonl").read_text().splitlines()]
    assert kinds == ["rematch", "rematch"]


def test_a_client_without_a_therapist_is_an_error_with_a_fix(attune: Attune, clinic: Path) -> None:
    clients, outcomes = (
        pd.read_csv(clinic / f"{name}.csv", dtype=str)["client_id"] for name in ("clients", "outcomes")
    )
    client = min(set(clients) - set(outcomes))
    assert f"attune rank CLINIC --client {client}" in attune.fails("rematch", clinic, "--client", client)


def test_what_is_wrong_in_follow_up_is_found_by_check(attune: Attune, clinic: Path) -> None:
    with (clinic / "clinic.toml").open("a") as file:
        file.write('\n[follow_up.weak]\n"WAI-SR" = 60\n')
    assert "Write points from 1 to below 5." in attune.fails("check", clinic)


def test_a_clinic_without_outcomes_has_nothing_to_follow_up(attune: Attune, clinic: Path) -> None:
    (clinic / "outcomes.csv").unlink()
    report = json.loads(attune("follow-up", clinic, "--json").stdout)
    assert (report["pairs"], report["rules"], report["due"]) == ([], [], 0)
    assert attune("follow-up", clinic).exit_code == 0


def test_a_pair_without_an_early_score_is_not_printed_as_one_that_can_continue(attune: Attune, clinic: Path) -> None:
    outcomes = pd.read_csv(clinic / "outcomes.csv", dtype=str)
    rated, unrated = outcomes["client_id"].drop_duplicates()[:2]
    outcomes.loc[outcomes["client_id"] == unrated, "score"] = None
    outcomes.to_csv(clinic / "outcomes.csv", index=False)
    output = " ".join(attune("rematch", clinic, "--client", unrated).stdout.split())
    assert "no early score exists, so how this pair went is unknown" in output
    assert "if the client has left, this is no option" in output
    assert "Expected difference from the estimate for t" in output
    for absent in ("staying with", "cautious", "own level"):
        assert absent not in output
    output = " ".join(attune("rematch", clinic, "--client", rated).stdout.split())
    assert "Use the cautious estimate" in output
    assert "no early score exists" not in output


def test_changes_in_the_clinics_records_are_printed_with_their_caution(attune: Attune, clinic: Path) -> None:
    with (clinic / "clinic.toml").open("a") as file:
        file.write('\n[follow_up.weak]\n"WAI-SR" = 4.9\n')
    outcomes = pd.read_csv(clinic / "outcomes.csv", dtype=str)
    mine = outcomes[(outcomes["rater"] == "client") & outcomes["score"].notna()]
    late = mine.drop_duplicates("client_id").assign(session="9", score="4.5")
    pd.concat([outcomes, late]).to_csv(clinic / "outcomes.csv", index=False)
    output = " ".join(attune("rematch", clinic, "--client", mine["client_id"].iloc[0]).stdout.split())
    assert "0 clients (too few for a mean) with a second therapist" in output
    assert "later with the same one" in output
