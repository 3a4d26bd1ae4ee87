"""Why a therapist is not on a list, as a terminal shows it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from attune_fit.app.views.why_not import DECIDED_BY, MIN_SAME_POINTS, N_TERMS, show_why_not
from attune_fit.data.clinic.pair_states import Pair, PairStates
from attune_fit.matching.explaining.why_not import explain_why_not
from attune_fit.matching.ranking.rank import rank
from attune_fit.matching.ranking.scored_roster import RosterScorer
from tests.matching.builders import busy, experienced, opened, published
from tests.matching.explaining.test_why_not import EXCLUDED
from tests.strategies import clinic


def test_why_not_reads_rule_by_rule(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    show_why_not(explain_why_not(RosterScorer.from_clinic(published(), opened(), EXCLUDED), "c0", "t0", "t1"))
    text = " ".join(capsys.readouterr().out.split())
    assert "slot no weekly slot in common data clients.availability: mon-am · therapists.availability: tue-pm" in text
    assert "must change the therapist works mon-am; or the client also comes fri-eve or tue-pm" in text
    assert "must change Attune proposes nothing here (the conflict removed from the table)" in text
    assert "200 days before 2026-06-15" in text
    assert DECIDED_BY["rules"] in text
    assert "After the check: attune record CLINIC roster_checked --therapist t0 --openings N" in text
    assert "attune journal" not in text


def test_a_decline_can_be_looked_up(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    pair = PairStates(declined=frozenset({Pair("c0", "t0")}))
    tables = replace(clinic({"age": [30]}, {"age": [40]}), pair_states=pair)
    show_why_not(explain_why_not(RosterScorer.from_clinic(published(), opened(), tables), "c0", "t0"), "my clinic")
    text = capsys.readouterr().out
    assert 'The decline: attune journal "my clinic" --client c0 --therapist t0' in text
    assert "roster_checked" not in text


def test_the_terms_add_up_as_printed_and_no_row_has_one_text_twice(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    scorer = RosterScorer.from_clinic(experienced(), opened(), busy())
    n_same = 0
    for client_id in busy().clients["client_id"][:8]:
        first, second = (one.therapist_id for one in rank(scorer, str(client_id)).candidates[:2])
        result = explain_why_not(scorer, str(client_id), second, first)
        show_why_not(result)
        table = capsys.readouterr().out.split("Largest terms")[1]
        rows = [re.split(r" {2,}", line.strip()) for line in table.splitlines()]
        *rows, total = [row for row in rows if re.fullmatch(r"[+-]\d\.\d{3}", row[0])]
        assert total[1] == "difference"
        assert sum(float(row[0]) for row in rows) == pytest.approx(float(total[0]), abs=1e-9)
        assert len(rows) <= N_TERMS + 1
        assert all(len(set(row)) == len(row) for row in rows)
        same = [float(row[0]) for row in rows if "the same, but a little less favourable" in row[1:]]
        assert all(abs(points) >= MIN_SAME_POINTS - 0.001 for points in same)
        for row in rows:
            if row[-1] == "the same, but a little less favourable":
                assert float(row[0]) < 0
        n_same += len(same)
        versus = result.versus
        assert versus is not None
        assert not any(term.name in table.split() for term in versus.terms if "_" in term.name)
    assert n_same
