"""The sum of one pair as people read it: by family, adding up as printed, nothing named that adds nothing."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune_fit.app.views.score_breakdown import (
    FAMILIES,
    MIN_POINTS_SHOWN,
    N_TERMS,
    round_additively,
    show_score_breakdown,
)
from attune_fit.features import feature
from attune_fit.matching.explaining.score_breakdown import TYPICAL_PAIR, ScoreBreakdown, explain_score
from attune_fit.matching.ranking.reasons import THERAPIST_EFFECT
from attune_fit.matching.ranking.scored_roster import RosterScorer
from tests.matching.builders import busy, experienced, opened

IDS = list(busy().clients["client_id"][:3])


@pytest.fixture(scope="module")
def breakdowns() -> list[ScoreBreakdown]:
    return [
        explain_score(
            RosterScorer.from_clinic(experienced(), opened(), busy()), one, busy().therapists["therapist_id"][0]
        )
        for one in IDS
    ]


def list_table_rows(
    breakdown: ScoreBreakdown, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> list[list[str]]:
    """The cells of the table by family, a list for each row."""
    monkeypatch.setenv("COLUMNS", "220")
    show_score_breakdown(breakdown, why=True)
    text = capsys.readouterr().out.split("By family")[1]
    rows = [re.split(r" {2,}", line.rstrip()) for line in text.splitlines()]
    return [row for row in rows if re.fullmatch(r"[+-]\d\.\d{3}", [*row, ""][1])]


def test_every_family_has_its_words() -> None:
    assert set(FAMILIES) == {*feature.FAMILIES, "level", "limit"}


@given(st.lists(st.floats(-5, 5), max_size=40))
def test_rounded_numbers_add_up_to_the_rounded_sum_and_are_near_what_they_were(points: list[float]) -> None:
    rounded = round_additively(points)
    assert sum(rounded) == pytest.approx(round(sum(points), 3), abs=1e-9)
    assert all(abs(one - other) < 0.0011 for one, other in zip(rounded, points, strict=True))
    assert all(one == round(one, 3) for one in rounded)


def test_terms_add_up_to_families_and_families_to_the_score_as_printed(
    breakdowns: list[ScoreBreakdown], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for breakdown in breakdowns:
        family = ""
        totals: dict[str, float] = {}
        terms: dict[str, list[float]] = {}
        for row in list_table_rows(breakdown, capsys, monkeypatch):
            if row[0].strip():
                family = row[0].strip()
                totals[family] = float(row[1])
            else:
                terms.setdefault(family, []).append(float(row[1]))
        assert list(totals) == list(breakdown.families)
        assert set(totals) - set(terms) <= {"level", "limit"}
        for name, sizes in terms.items():
            assert sum(sizes) == pytest.approx(totals[name], abs=1e-9)
        assert sum(totals.values()) == pytest.approx(round(breakdown.score, 3), abs=1e-9)


def test_terms_too_small_to_be_seen_are_counted_not_named(
    breakdowns: list[ScoreBreakdown], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for breakdown in breakdowns:
        named = [row[2] for row in list_table_rows(breakdown, capsys, monkeypatch) if not row[0].strip()]
        small = [term for term in breakdown.addends if abs(term.points) < MIN_POINTS_SHOWN]
        assert small
        assert sum(int(text.split()[0]) for text in named if f"under {MIN_POINTS_SHOWN:g} points" in text) == len(small)


def test_an_unknown_term_is_printed_as_treated_as_typical(
    breakdowns: list[ScoreBreakdown], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    known = (
        term
        for term in breakdowns[0].addends
        if term.known and term.name != TYPICAL_PAIR and abs(term.points) >= MIN_POINTS_SHOWN
    )
    term = next(term for term in known if term.name != THERAPIST_EFFECT)
    addends = tuple(replace(one, known=False) if one is term else one for one in breakdowns[0].addends)
    rows = list_table_rows(replace(breakdowns[0], addends=addends), capsys, monkeypatch)
    text = f"{term.name.replace('_', ' ')}: unknown, treated as typical"
    assert [row[2] for row in rows if not row[0].strip()].count(text) == 1


def test_the_short_table_adds_up_and_has_texts_in_place_of_names(
    breakdowns: list[ScoreBreakdown], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    for breakdown in breakdowns:
        show_score_breakdown(breakdown, "A verdict.")
        text = capsys.readouterr().out
        rows = re.findall(r"^ +([+-]\d\.\d{3}) +(\S.*?) *$", text, re.MULTILINE)
        assert sum(float(points) for points, _ in rows) == pytest.approx(round(breakdown.score, 3), abs=1e-9)
        assert len(rows) <= N_TERMS + 2
        assert re.search(rf"^ +{breakdown.score:.3f} +expected alliance", text, re.MULTILINE)
        assert not [
            term.name for term in breakdown.addends if "_" in term.name and term.name in text.split("what it is")[1]
        ]
        largest = breakdown.addends[1]
        assert largest.says in rows[1][1]
        assert "A verdict." in text
        assert breakdown.verdict not in text
