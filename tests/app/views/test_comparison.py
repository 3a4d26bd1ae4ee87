"""The view of a comparison: what the client wants in rows, a therapist in each column, the estimate last."""

from __future__ import annotations

import pytest

from attune_fit.app.views.comparison import show_comparison
from attune_fit.matching.explaining.side_by_side import compare_side_by_side
from attune_fit.matching.ranking.scored_roster import RosterScorer
from tests.matching.builders import opened, published
from tests.strategies import clinic

TABLES = clinic(
    {"availability": ["mon-am|tue-pm"], "directiveness_preference": [7.0], "past_focus_preference": [0.0]},
    {
        "therapist_id": ["ann", "bob"],
        "availability": ["mon-am", "fri-eve"],
        "directiveness_style": [-4.0, None],
        "gender": ["f", "m"],
    },
    [(0, "gender", "f", "prefer")],
)


@pytest.fixture
def shown(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("COLUMNS", "160")
    scorer = RosterScorer.from_clinic(published(), opened(), TABLES)
    show_comparison(compare_side_by_side(scorer, "c0", ["bob", "ann"]))
    return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]


def test_each_row_has_what_the_client_wants_and_each_therapist_with_a_mark(shown: list[str]) -> None:
    assert "the client wants bob ann" in shown
    assert "gender prefers f ✗ m ✓ f" in shown
    assert "weekly times mon-am, tue-pm ✗ – ✓ mon-am" in shown
    assert "directiveness +7 unknown -4" in shown
    assert "past focus 0 unknown unknown" in shown
    assert "openings now – unknown unknown" in shown


def test_the_estimates_come_after_the_facts_and_the_rules_last(shown: list[str]) -> None:
    firsts = [line.split(" ")[0] for line in shown]
    assert firsts.index("gender") < firsts.index("directiveness") < firsts.index("estimate") < firsts.index("ruled")
    assert any(line.startswith("place ruled out 1 of 1, band 1") for line in shown)
    assert "ruled out by no shared slot" in shown


def test_the_differences_are_sentences_above_the_table(shown: list[str]) -> None:
    assert "ann meets the client's wish, and the other does not." in shown
    assert "bob is ruled out: no shared slot." in shown
    assert shown.index("bob is ruled out: no shared slot.") < shown.index("gender prefers f ✗ m ✓ f")
