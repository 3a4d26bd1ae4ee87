"""Changes that add candidates, as a terminal shows them."""

from __future__ import annotations

import pandas as pd
import pytest

from attune_fit.app.views.relaxation import N_OPTIONS, show_relaxation
from attune_fit.matching.ranking.scored_roster import RosterScorer
from attune_fit.matching.relaxation.relax import relax
from attune_fit.matching.relaxation.relaxations import RELAXATIONS
from tests.matching.builders import opened, published
from tests.matching.relaxation.test_relax import SLOTS
from tests.strategies import AS_OF, Cells, clinic

VERDICT = published().verdict.plain_sentence


def widen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal so wide that no cell is wrapped."""
    monkeypatch.setenv("COLUMNS", "300")


def test_an_option_names_who_can_change_whom_it_adds_and_what_it_costs(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    widen(monkeypatch)
    show_relaxation(relax(RosterScorer.from_clinic(published(), opened(), SLOTS), "c0", 50), VERDICT, why=True)
    text = " ".join(capsys.readouterr().out.split())
    assert "1 Ask t1 or t3 to work mon-am: adds up to 2 therapists" in text
    assert "2 Ask the client to come fri-eve too: adds t3" in text
    assert "costs ✗ requires gender: f" in text
    assert "Not available after" not in text
    assert "Least effort first: a check or a question counts 1, a therapist's agreement 2" in text
    assert "--most" not in text
    assert "higher with probability" in text
    show_relaxation(
        relax(RosterScorer.from_clinic(published(), opened("[relax]\ntogether = 1"), SLOTS), "c0", 50), VERDICT
    )
    assert "Not available after up to 1 change: 2 (slot" not in (text := " ".join(capsys.readouterr().out.split()))
    assert "Not available after up to 1 change: 2 (" in text


def test_the_short_answer_has_the_first_options_and_names_only_the_marks_it_prints(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    widen(monkeypatch)
    result = relax(RosterScorer.from_clinic(published(), opened(), SLOTS), "c0", 50)
    assert len(result.ways) > N_OPTIONS
    show_relaxation(result, VERDICT)
    text = capsys.readouterr().out
    assert text.count("best  ") == N_OPTIONS
    assert f"{result.found} possible changes found. The first {N_OPTIONS} are shown" in text
    assert "probability" not in text.lower()
    assert ("✗ not met" in text) is (text.count("✗") > 1)
    assert ("? unknown" in text) is (text.count("?") > 1)
    show_relaxation(result, VERDICT, 1)
    assert capsys.readouterr().out.count("best  ") == 1


def test_a_check_of_a_roster_row_comes_with_the_command_that_records_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    widen(monkeypatch)
    stale = clinic({"age": [30]}, {"updated_on": [pd.Timestamp("2025-01-01"), pd.Timestamp(AS_OF)]})
    scorer = RosterScorer.from_clinic(published(), opened(), stale)
    show_relaxation(relax(scorer, "c0"), VERDICT, folder="demo")
    assert "After the check: attune record demo roster_checked --therapist t0 --openings N" in capsys.readouterr().out
    show_relaxation(relax(RosterScorer.from_clinic(published(), opened(), SLOTS), "c0"), VERDICT)
    assert "attune record" not in capsys.readouterr().out


def test_a_question_about_a_wish_names_the_therapist_and_the_wish_is_no_cost(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    widen(monkeypatch)
    roster: Cells = {"availability": ["mon-am"] * 2, "religion": [None, None], "open_slots": [1, 0]}
    tables = clinic({"availability": ["mon-am"]}, roster, [(0, "religion", "none", "must")])
    show_relaxation(relax(RosterScorer.from_clinic(published(), opened(), tables), "c0"), VERDICT)
    text = " ".join(capsys.readouterr().out.split())
    assert "Today this client has no therapist." in text
    question = "Ask t0 about religion: none, which the client requires: adds 1 therapist, if the answer is yes"
    assert f"{question} best t0: expected" in text
    assert "? requires religion" not in text
    assert "from must to prefer: adds t0 best t0: expected" in text
    assert "costs no other wish is lost" in text


def test_a_client_without_options_gets_one_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    widen(monkeypatch)
    off = ", ".join(f'"{row.name}"' for row in RELAXATIONS)
    show_relaxation(
        relax(RosterScorer.from_clinic(published(), opened(f"[relax]\noff = [{off}]"), SLOTS), "c0"), VERDICT
    )
    assert "No change, and no combination of up to 2 changes, adds a candidate." in capsys.readouterr().out
