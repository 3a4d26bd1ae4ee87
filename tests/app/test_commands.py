"""Every command does what its help promises, for people and for programs."""

import json
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from attune_fit.data.clinic.columns import list_columns
from tests.conftest import Attune

pytestmark = pytest.mark.usefixtures("untracked")
NINE = ["client_id", "therapist_id", "status", "rule", "rank", "band", "score", "low", "high"]


def first_waiting(clinic: Path) -> str:
    clients = pd.read_csv(clinic / "clients.csv", dtype=str)["client_id"]
    outcomes = pd.read_csv(clinic / "outcomes.csv", dtype=str)["client_id"]
    return str(min(set(clients) - set(outcomes)))


@pytest.mark.parametrize("words", [[], ["--help"], ["rank", "--help"], ["train", "--help"]])
def test_help_teaches(attune: Attune, words: list[str]) -> None:
    assert "Usage: attune" in attune(*words).output


def test_simulate_check_convert_and_back(attune: Attune, tmp_path: Path) -> None:
    made = json.loads(attune("simulate", tmp_path / "a", "--clients", 50, "--therapists", 7, "--json").stdout)
    assert (made["clients"], made["therapists"]) == (50, 7)
    assert json.loads(attune("check", tmp_path / "a", "--json").stdout)["stops"] == 0
    once = json.loads(attune("convert", tmp_path / "a", "--out", tmp_path / "b", "--json").stdout)
    shutil.copy(tmp_path / "a" / "clinic.toml", tmp_path / "b")
    twice = json.loads(attune("convert", tmp_path / "b", "--out", tmp_path / "c", "--json").stdout)
    assert once["digest"] == twice["digest"]


def test_train_reports_its_metrics_and_rank_prints_the_verdict(attune: Attune, clinic: Path) -> None:
    trained = json.loads(attune("train", clinic, "--json").stdout)
    assert {"bundle", "verdict", "metrics", "n_outcomes", "promoted", "because"} <= set(trained)
    if not trained["promoted"]:
        attune("models", "promote", clinic, trained["bundle"], "--because", "few records, and they are ours")
    ranking = json.loads(attune("rank", clinic, "--client", first_waiting(clinic), "--json").stdout)
    assert ranking["bundle"] == trained["bundle"]
    assert ranking["verdict"] == trained["verdict"]["sentence"]


def test_every_therapist_is_accounted_for(attune: Attune, clinic: Path) -> None:
    roster = set(pd.read_csv(clinic / "therapists.csv", dtype=str)["therapist_id"])
    for ranking in json.loads(attune("rank", clinic, "--all", "--json").stdout):
        offered = [one["therapist_id"] for one in ranking["candidates"]]
        out = [one["therapist_id"] for one in ranking["excluded"]]
        assert len(offered) + len(out) == len(roster)
        assert {*offered, *out} == roster


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_in_bulk_there_is_one_row_per_client_and_therapist(attune: Attune, clinic: Path, suffix: str) -> None:
    target = clinic / f"list.{suffix}"
    report = json.loads(attune("rank", clinic, "--waiting", "--out", target, "--json").stdout)
    rows = pd.read_csv(target) if suffix == "csv" else pd.read_parquet(target)
    assert list(rows.columns) == NINE
    assert len(rows) == report["rows"] == report["clients"] * report["therapists"]
    excluded = rows["status"] == "excluded"
    assert set(rows["status"]) <= {"ranked", "excluded"}
    assert rows.loc[excluded, "rule"].notna().all()
    assert (rows.loc[excluded, "rule"] != "").all()
    assert rows.loc[~excluded, ["rank", "band", "score", "low", "high"]].notna().all().all()


def test_the_same_data_and_seed_give_the_same_bytes(attune: Attune, clinic: Path, tmp_path: Path) -> None:
    other = tmp_path / "again"
    shutil.copytree(clinic, other)
    bundles = []
    for folder in (clinic, other):
        bundles.append(json.loads(attune("train", folder, "--seed", 3, "--json").stdout)["bundle"])
        attune("models", "promote", folder, bundles[-1], "--because", "so few records are promoted by hand")
        attune("rank", folder, "--all", "--seed", 3, "--out", folder / "list.csv")
    assert bundles[0] == bundles[1]
    assert (clinic / "list.csv").read_bytes() == (other / "list.csv").read_bytes()
    files = [sorted((folder / "artifacts" / "bundles" / bundles[0]).iterdir()) for folder in (clinic, other)]
    assert [path.read_bytes() for path in files[0]] == [path.read_bytes() for path in files[1]]


def test_a_shortlist_reads_well(attune: Attune, clinic: Path) -> None:
    output = attune("rank", clinic, "--client", first_waiting(clinic), "--shortlist", 3).output
    assert re.search(r"\d+ therapists on the roster: \d+ available, \d+ ruled out", output)
    assert "because" in output
    assert re.search(r"\d+ ruled out: \d+ ", output)
    assert "r = " not in output
    assert "90% interval" in output


def test_explain_adds_up_on_the_screen(attune: Attune, clinic: Path) -> None:
    client = first_waiting(clinic)
    ranking = json.loads(attune("rank", clinic, "--client", client, "--json").stdout)
    therapist = ranking["candidates"][0]["therapist_id"]
    report = json.loads(attune("explain", clinic, "--client", client, "--therapist", therapist, "--json").stdout)
    assert sum(report["parts"].values()) == pytest.approx(report["score"], abs=1e-9)
    assert sum(one["points"] for one in report["addends"]) == pytest.approx(report["score"], abs=1e-9)
    assert report["score"] == pytest.approx(ranking["candidates"][0]["score"])
    assert "baseline" in attune("explain", clinic, "--client", client, "--therapist", therapist, "--why").output


def test_a_column_of_one_value_and_no_optional_column_still_ranks(attune: Attune, clinic: Path) -> None:
    for name in ("clients", "therapists"):
        table = pd.read_csv(clinic / f"{name}.csv", dtype=str)
        table[[f"{name[:-1]}_id"]].to_csv(clinic / f"{name}.csv", index=False)
    for name in ("preferences", "conflicts"):
        (clinic / f"{name}.csv").unlink()
    for words in (["train"], ["rank", "--waiting"], ["rank", "--all", "--out", clinic / "list.csv"]):
        done = attune(words[0], clinic, *words[1:])
        assert done.exit_code == 0, done.output
    assert (pd.read_csv(clinic / "list.csv")["status"] == "ranked").all()
    clients = pd.read_csv(clinic / "clients.csv", dtype=str).assign(age=40, gender="woman")
    assert set(clients.columns) <= set(list_columns("clients"))
    clients.to_csv(clinic / "clients.csv", index=False)
    assert attune("train", clinic).exit_code == 0
    assert attune("rank", clinic, "--waiting").exit_code == 0


@pytest.mark.parametrize("records", [0, 1])
def test_a_clinic_of_hardly_any_outcomes_ranks_and_states_the_verdict(
    attune: Attune, clinic: Path, records: int
) -> None:
    outcomes = pd.read_csv(clinic / "outcomes.csv", dtype=str)
    rated = outcomes[(outcomes["rater"] == "client") & outcomes["score"].notna()]
    rated.iloc[:records].to_csv(clinic / "outcomes.csv", index=False)
    report = json.loads(attune("train", clinic, "--json").stdout)
    assert report["n_outcomes"] == records
    assert report["verdict"]["kind"] in ("published", "nothing")
    assert attune("rank", clinic, "--waiting").exit_code == 0


def test_a_clinic_of_one_therapist_ranks_that_one(attune: Attune, clinic: Path) -> None:
    therapists = pd.read_csv(clinic / "therapists.csv", dtype=str)
    therapists.iloc[:1].to_csv(clinic / "therapists.csv", index=False)
    (clinic / "conflicts.csv").unlink()
    assert attune("train", clinic).exit_code == 0
    for ranking in json.loads(attune("rank", clinic, "--all", "--json").stdout):
        assert len(ranking["candidates"]) + len(ranking["excluded"]) == 1
