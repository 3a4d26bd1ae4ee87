"""The commands about what could change, for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from attune_fit.app.lacking import WORDS, as_frame, show_capacity
from attune_fit.app.relaxing import show_relaxed
from attune_fit.app.whynot import DECIDED, show_why_not
from attune_fit.matching.capacity.capacity import CapacityReport
from attune_fit.matching.capacity.hiring_profile import HiringProfile, HiringResult
from attune_fit.matching.capacity.shortage_counts import Reach, Shortage
from attune_fit.matching.explaining.why_not import explain_why_not
from attune_fit.matching.relaxation.relax import relax
from attune_fit.matching.relaxation.relaxations import RELAXATIONS
from tests.conftest import Attune
from tests.matching.builders import opened, published
from tests.matching.explaining.test_why_not import OUT
from tests.matching.relaxation.test_relax import SLOTS

PROFILE = HiringProfile({"payers": ("aetna",), "languages": ("english", "spanish")}, 12)
FEW = CapacityReport(
    waiting=40,
    roster=6,
    shortlist=5,
    nobody=("c1", "c2"),
    few=14,
    together=(Shortage("panel", "clinic", "payer", "", Reach(2, 12, 14), 3),),
    lacks=(
        Shortage("panel", "clinic", "payer", "aetna", Reach(0, 9, 10), 3),
        Shortage("opening", "therapist", "open_slots", "t1", Reach(4, 24, 30), 1),
    ),
    hire=HiringResult(14, PROFILE, PROFILE, 13),
)


def ids(clinic: Path) -> tuple[str, list[str]]:
    clients = pd.read_csv(clinic / "clients.csv", dtype=str)["client_id"]
    seen = pd.read_csv(clinic / "outcomes.csv", dtype=str)["client_id"]
    return min(set(clients) - set(seen)), list(pd.read_csv(clinic / "therapists.csv", dtype=str)["therapist_id"])


def test_relax_tells_ways_and_programs_can_read_them(attune: Attune, clinic: Path) -> None:
    client, roster = ids(clinic)
    found = json.loads(attune("relax", clinic, "--client", client, "--most", 3, "--json").stdout)
    assert 1 <= len(found["ways"]) <= 3 < found["found"]
    assert set(found["ways"][0]["therapists"]) <= set(roster)
    shown = attune("relax", clinic, "--client", client)
    assert shown.exit_code == 0, shown.output
    assert found["ways"][0]["steps"][0]["says"] in " ".join(shown.stdout.split())


def test_capacity_tells_counts_and_the_file_tells_no_small_one(attune: Attune, clinic: Path) -> None:
    found = json.loads(attune("capacity", clinic, "--json").stdout)
    assert found["waiting"] > 0
    assert found["lacks"]
    target = clinic / "artifacts" / "capacity.csv"
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
        told = json.loads(attune("why-not", clinic, "--client", client, "--therapist", therapist, "--json").stdout)
        assert bool(told["grounds"]) is not bool(told["position"])
    shown = attune("why-not", clinic, "--client", client, "--therapist", roster[0], "--against", roster[1])
    assert shown.exit_code == 0, shown.output
    assert f"Against {roster[1]}" in shown.stdout
    assert "no row has the id `nobody`" in attune.fails("why-not", clinic, "--client", client, "--therapist", "nobody")


def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "300")


def test_a_way_says_whose_change_it_is_whom_it_brings_and_what_it_costs(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    wide(monkeypatch)
    show_relaxed(relax(published(), opened(), SLOTS, "c0", 50))
    text = " ".join(capsys.readouterr().out.split())
    assert "2 more: the therapist working mon-am (therapist) who t1, t3, each by a change of their own" in text
    assert "costs ✗ requires gender: f" in text
    assert "Out of reach" not in text
    show_relaxed(relax(published(), opened("[relax]\ntogether = 1"), SLOTS, "c0", 50))
    assert "Out of reach of up to 1 change: 2 (slot" not in (text := " ".join(capsys.readouterr().out.split()))
    assert "Out of reach of up to 1 change: 2 (" in text


def test_nothing_that_helps_is_said_so(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    wide(monkeypatch)
    off = ", ".join(f'"{row.name}"' for row in RELAXATIONS)
    show_relaxed(relax(published(), opened(f"[relax]\noff = [{off}]"), SLOTS, "c0"))
    assert "No change, and no 2 together, that anybody could make now would add" in capsys.readouterr().out


def test_a_profile_reads_as_a_sentence(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    wide(monkeypatch)
    show_capacity(FEW)
    text = capsys.readouterr().out
    said = "One therapist who takes aetna; speaks english, spanish would give 12 of the 14 clients who can be offered"
    assert text.count(said) == 1
    assert "empanelled with …" in text
    assert {row.changed_column.split(".")[1] for row in RELAXATIONS if row.counted_by == "code"} == set(WORDS)


def test_a_file_tells_no_count_below_ten_and_none_that_gives_one_away() -> None:
    assert as_frame(FEW)[["first", "few", "every"]].to_numpy().tolist() == [
        ["0", "fewer than 10", "10"],
        ["fewer than 10", "not told", "30"],
    ]


def test_why_not_reads_rule_by_rule(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    wide(monkeypatch)
    show_why_not(explain_why_not(published(), opened(), OUT, "c0", "t0", "t1"))
    text = " ".join(capsys.readouterr().out.split())
    assert (
        "slot no weekly slot in common tables say clients.availability: mon-am · therapists.availability: tue-pm"
        in text
    )
    assert "lifted by the therapist working mon-am; or the client coming fri-eve or tue-pm too" in text
    assert "lifted by nothing Attune would propose (the conflict taken off the list)" in text
    assert "200 days before 2026-06-15" in text
    assert DECIDED["rules"] in text
