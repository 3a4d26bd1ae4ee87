"""Why a therapist is not on a list, as a terminal shows it."""

from __future__ import annotations

import pytest

from attune_fit.app.views.why_not import DECIDED_BY, show_why_not
from attune_fit.matching.explaining.why_not import explain_why_not
from attune_fit.matching.ranking.scored_roster import RosterScorer
from tests.matching.builders import opened, published
from tests.matching.explaining.test_why_not import EXCLUDED


def test_why_not_reads_rule_by_rule(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    show_why_not(explain_why_not(RosterScorer.from_clinic(published(), opened(), EXCLUDED), "c0", "t0", "t1"))
    text = " ".join(capsys.readouterr().out.split())
    assert "slot no weekly slot in common data clients.availability: mon-am · therapists.availability: tue-pm" in text
    assert "to change the therapist working mon-am; or the client also coming fri-eve or tue-pm" in text
    assert "to change Attune proposes nothing here (the conflict removed from the table)" in text
    assert "200 days before 2026-06-15" in text
    assert DECIDED_BY["rules"] in text
