"""Missing capacity, as a terminal shows it and as a file holds it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from attune_fit.app.views.capacity import BRANCH, VERBS, show_capacity
from attune_fit.matching.capacity.capacity import CapacityReport
from attune_fit.matching.capacity.hiring_profile import HiringProfile, HiringResult
from attune_fit.matching.capacity.shortage_counts import Reach, Shortage
from attune_fit.matching.relaxation.relaxations import RELAXATIONS
from attune_fit.result_frames import build_hidden_shortages_frame

PROFILE = HiringProfile({"payers": ("aetna",), "languages": ("english", "spanish")}, 12)
FEW = CapacityReport(
    waiting=40,
    roster=6,
    shortlist=5,
    without_candidate=("c1", "c2"),
    few=14,
    together=(Shortage("panel", "clinic", "payer", "", Reach(2, 12, 14), 3),),
    lacks=(
        Shortage("panel", "clinic", "payer", "aetna", Reach(0, 9, 10), 3),
        Shortage("opening", "therapist", "open_slots", "t1", Reach(4, 24, 30), 1),
    ),
    hire=HiringResult(14, PROFILE, PROFILE, 13),
)


def test_a_profile_reads_as_a_sentence(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    show_capacity(FEW)
    text = capsys.readouterr().out
    sentence = (
        "One therapist who takes aetna; speaks english, spanish would help 12 of the 14 clients who have no candidate."
    )
    assert text.count(sentence) == 1
    assert "accepts … as the payer" in text
    assert f"{BRANCH} aetna" in text
    assert f"{BRANCH} t1" not in text  # an opening: its kind is not in the report
    assert {row.changed_column.split(".")[1] for row in RELAXATIONS if row.counted_by == "code"} == set(VERBS)


def test_a_roster_row_to_check_comes_with_the_command_that_records_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    show_capacity(FEW, "demo")
    assert "attune record" not in capsys.readouterr().out
    check = Shortage("checked", "therapist", "roster_age", "t4", Reach(1, 10, 12), 1)
    show_capacity(replace(FEW, together=(*FEW.together, replace(check, what="")), lacks=(*FEW.lacks, check)), "demo")
    assert "After the check: attune record demo roster_checked --therapist t4 --openings N" in capsys.readouterr().out


def test_without_anyone_to_hire_for_there_is_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    none = HiringProfile({"payers": ("aetna",)}, 0)
    for hire, sentence in (
        (HiringResult(0, none, none, 0), "No new therapist is needed: every client has 5 candidates or more."),
        (
            HiringResult(2, none, none, 0),
            "No profile of a new therapist surely helps the 2 clients who have no candidate: a need",
        ),
    ):
        show_capacity(replace(FEW, hire=hire, together=(), lacks=()))
        text = capsys.readouterr().out
        assert sentence in text
        assert "One therapist who" not in text


def test_a_file_hides_counts_below_ten_and_counts_that_reveal_one() -> None:
    assert build_hidden_shortages_frame(FEW)[["first", "few", "every"]].to_numpy().tolist() == [
        ["0", "fewer than 10", "10"],
        ["fewer than 10", "hidden", "30"],
    ]
