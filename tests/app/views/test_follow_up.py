"""The follow-up of a clinic, as a terminal shows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from attune_fit.app.views.follow_up import N_MISSING_NAMED, show_follow_up
from attune_fit.matching.follow_up.follow_up import FollowUpPair, FollowUpReport

PAIR = FollowUpPair("c9", "t1", 1, 48, None, None, ("dropped_out",))


def print_report(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *, due: int, missing: tuple[str, ...]
) -> str:
    """What a report with these checks prints, on one line."""
    monkeypatch.setenv("COLUMNS", "300")
    show_follow_up(FollowUpReport("2026-01-05", (PAIR,), (), due - len(missing), due, {}, 0, missing), Path("clinic"))
    return " ".join(capsys.readouterr().out.split())


def test_no_list_with_a_missing_check_is_complete_and_the_client_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = print_report(capsys, monkeypatch, due=530, missing=("c7",))
    assert "530 checks due so far: 529 done, with an early score (99%). Missing: c7." in text
    assert "(100%)." in print_report(capsys, monkeypatch, due=530, missing=())
    many = tuple(f"c{number}" for number in range(N_MISSING_NAMED + 1))
    assert "Missing:" not in print_report(capsys, monkeypatch, due=530, missing=many)


def test_the_evidence_is_in_plain_words(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    text = print_report(capsys, monkeypatch, due=5, missing=())
    assert "About 1 in 5 clients leave early" in text
    assert "Figures and sources: --why." in text
    assert "%" not in text
