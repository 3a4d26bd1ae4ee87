"""Changes that add candidates, as a terminal shows them."""

from __future__ import annotations

import pytest

from attune_fit.app.views.relaxation import show_relaxation
from attune_fit.matching.ranking.scored_roster import RosterScorer
from attune_fit.matching.relaxation.relax import relax
from attune_fit.matching.relaxation.relaxations import RELAXATIONS
from tests.matching.builders import opened, published
from tests.matching.relaxation.test_relax import SLOTS

VERDICT = published().verdict.plain_sentence


def widen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal so wide that no cell is wrapped."""
    monkeypatch.setenv("COLUMNS", "300")


def test_an_option_names_who_can_change_whom_it_adds_and_what_it_costs(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    widen(monkeypatch)
    show_relaxation(relax(RosterScorer.from_clinic(published(), opened(), SLOTS), "c0", 50), VERDICT)
    text = " ".join(capsys.readouterr().out.split())
    assert "2 more: the therapist working mon-am (therapist) adds t1, t3, each by the therapist's own change" in text
    assert "costs ✗ requires gender: f" in text
    assert "Therapists not available after" not in text
    assert "Least effort first: a check or a question counts 1, a therapist's agreement 2" in text
    assert "--most" not in text
    show_relaxation(
        relax(RosterScorer.from_clinic(published(), opened("[relax]\ntogether = 1"), SLOTS), "c0", 50), VERDICT
    )
    assert "Therapists not available after up to 1 change: 2 (slot" not in (
        text := " ".join(capsys.readouterr().out.split())
    )
    assert "Therapists not available after up to 1 change: 2 (" in text


def test_a_client_without_options_gets_one_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    widen(monkeypatch)
    off = ", ".join(f'"{row.name}"' for row in RELAXATIONS)
    show_relaxation(
        relax(RosterScorer.from_clinic(published(), opened(f"[relax]\noff = [{off}]"), SLOTS), "c0"), VERDICT
    )
    assert "No change, and no combination of up to 2 changes, adds a candidate." in capsys.readouterr().out
