"""`attune relax`, `attune capacity` and `attune why-not`, for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from tests.conftest import Attune


def ids(clinic: Path) -> tuple[str, list[str]]:
    clients = pd.read_csv(clinic / "clients.csv", dtype=str)["client_id"]
    outcomes = pd.read_csv(clinic / "outcomes.csv", dtype=str)["client_id"]
    return min(set(clients) - set(outcomes)), list(pd.read_csv(clinic / "therapists.csv", dtype=str)["therapist_id"])


def test_relax_prints_options_and_programs_can_read_them(attune: Attune, clinic: Path) -> None:
    client, roster = ids(clinic)
    found = json.loads(attune("relax", clinic, "--client", client, "--most", 3, "--json").stdout)
    assert 1 <= len(found["ways"]) <= 3 < found["found"]
    assert set(found["ways"][0]["therapists"]) <= set(roster)
    shown = attune("relax", clinic, "--client", client)
    assert shown.exit_code == 0, shown.output
    assert found["ways"][0]["steps"][0]["request"] in " ".join(shown.stdout.split())


def test_capacity_prints_counts_and_the_file_hides_small_ones(attune: Attune, clinic: Path) -> None:
    found = json.loads(attune("capacity", clinic, "--json").stdout)
    assert found["waiting"] > 0
    assert found["lacks"]
    target = clinic.parent / "capacity.csv"  # no output is written into artifacts
    assert attune("capacity", clinic, "--out", target).exit_code == 0
    written = pd.read_csv(target, dtype=str)
    assert len(written) == len(found["lacks"])
    counts = written[["first", "few", "every"]].to_numpy().ravel()
    assert not [one for one in counts if one.isdigit() and 0 < int(one) < 10]
    assert "fewer than 10" in counts
    assert attune("capacity", clinic).exit_code == 0
    assert "one of the clinic's own files" in attune.fails("capacity", clinic, "--out", clinic / "clients.csv")


def test_why_not_answers_for_everyone_on_the_roster(attune: Attune, clinic: Path) -> None:
    client, roster = ids(clinic)
    for therapist in roster[:3]:
        report = json.loads(attune("why-not", clinic, "--client", client, "--therapist", therapist, "--json").stdout)
        assert bool(report["grounds"]) is not bool(report["position"])
    shown = attune("why-not", clinic, "--client", client, "--therapist", roster[0], "--against", roster[1])
    assert shown.exit_code == 0, shown.output
    assert f"Compared with {roster[1]}" in shown.stdout
    assert "no row has the id `unknown`" in attune.fails(
        "why-not", clinic, "--client", client, "--therapist", "unknown"
    )
