"""A shortlist explains its numbers."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from attune_fit.app.views.ranking import show_ranking
from attune_fit.data.clinic.instruments import INSTRUMENTS
from attune_fit.matching.eligibility.rules import ALREADY_MET_RULE, RULES
from attune_fit.matching.ranking.rank import rank
from attune_fit.matching.ranking.scored_roster import RosterScorer
from attune_fit.models.pair_effect_verdict import Verdict
from tests.matching.builders import opened, published
from tests.strategies import clinic

WAI_SR = next(row for row in INSTRUMENTS if row.name == "WAI-SR")
PLAIN = "Tested on your 529 records, the model helps a little in choosing between therapists."
RULED_OUT = clinic(
    {"availability": ["mon-am"], "region": ["ca"]},
    {
        "availability": ["mon-am", "tue-pm", "tue-pm", "mon-am"],
        "open_slots": [1, 0, 1, 0],
        "licensed_regions": ["ca", "ca", "ny", None],
    },
)


@pytest.mark.parametrize(
    ("roster", "whom"),
    [
        ([4.5], "points above a typical pair."),
        ([4.5, 2.0], "points above the average of the available therapists."),
    ],
)
def test_numbers_are_compared_with_others_only_where_there_are_others(
    roster: list[float], whom: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    tables = clinic({"age": [30]}, {"interpersonal_skill": roster})
    show_ranking(rank(RosterScorer.from_clinic(published(), opened(), tables), "c0"), WAI_SR, PLAIN, band=0.55)
    shown = capsys.readouterr().out
    assert whom in shown
    assert "is rated by observers as more skilled with people than a typical therapist" in shown
    assert "than most" not in shown


def test_why_nots_are_counts_on_one_line_the_most_frequent_first(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ranking = rank(RosterScorer.from_clinic(published(), opened(), RULED_OUT), "c0")
    for width in (80, 120):
        monkeypatch.setenv("COLUMNS", str(width))
        show_ranking(ranking, WAI_SR, PLAIN, band=0.55)
        lines = capsys.readouterr().out.splitlines()
        (line,) = (line for line in lines if "ruled out: " in line)
        counts = "2 full, 2 no shared slot, 1 maybe not licensed here, 1 not licensed here"
        if width == 120:
            assert line == f"3 ruled out: {counts} (--why shows who)"
        else:
            assert line == "3 ruled out: 2 full, 2 no shared slot, … (--why shows who)"
        assert "slot   " not in " ".join(lines)
        legend = lines[lines.index(line) + 1 :]
        assert len([text for text in legend if "Rules not checked" not in text]) <= 4


def test_the_figures_of_the_verdict_and_who_is_ruled_out_are_one_step_away(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    verdict = Verdict("adds", r=0.2, low=0.12, high=0.28, p=0.003, n=529)
    ranking = replace(rank(RosterScorer.from_clinic(published(), opened(), RULED_OUT), "c0"), verdict=verdict.sentence)
    show_ranking(ranking, WAI_SR, verdict.plain_sentence, band=0.55)
    short = capsys.readouterr().out
    assert PLAIN in short
    assert "r = " not in short
    assert "one therapist can be listed under several rules" not in short
    show_ranking(ranking, WAI_SR, verdict.plain_sentence, band=0.55, why=True)
    long = capsys.readouterr().out
    assert "(r = .20, 95% interval .12 to .28)" in long
    assert "Ruled out: 3 (one therapist can be listed under several rules)" in long
    assert re.search(r"2 +slot +no weekly slot in common +t1, t2", long)


def test_a_client_without_candidates_gets_the_same_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    full = clinic({"age": [30]}, {"open_slots": [0, 0]})
    show_ranking(rank(RosterScorer.from_clinic(published(), opened(), full), "c0"), WAI_SR, PLAIN, band=0.55)
    assert "No therapist is available for this client.\n2 ruled out: 2 full" in capsys.readouterr().out


def test_reasons_are_printed_for_the_first_three_and_with_why_for_all(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    ranking = rank(
        RosterScorer.from_clinic(
            published(), opened(), clinic({"age": [30]}, {"interpersonal_skill": [4.5, 4, 3, 2, 1.5]})
        ),
        "c0",
    )
    show_ranking(ranking, WAI_SR, PLAIN, 4, band=0.55)
    short = capsys.readouterr().out
    assert short.count("because  ") == 3
    assert "1 more available (--shortlist 5); reasons of 1 more: --why." in short
    show_ranking(ranking, WAI_SR, PLAIN, 5, band=0.55, why=True)
    assert capsys.readouterr().out.count("because  ") == 5


def test_every_rule_has_a_short_text_that_reads_after_a_count() -> None:
    texts = [rule.short_text for rule in (*RULES, ALREADY_MET_RULE)]
    assert len(set(texts)) == len(texts)
    assert all(text and len(text) <= 24 and not text.endswith(".") for text in texts)


def test_the_plain_verdict_is_one_sentence_without_figures_of_the_test() -> None:
    kinds = [Verdict(), Verdict("nothing", n=1), Verdict("nothing", r=0.01, low=-0.1, high=0.12, p=0.4, n=240)]
    kinds += [Verdict("adds", r=r, low=0.1, high=0.6, p=0.003, n=797) for r in (0.2, 0.5)]
    for verdict in kinds:
        assert verdict.plain_sentence.count(".") == 1
        assert "r = " not in verdict.plain_sentence
    assert kinds[1].plain_sentence.startswith("Your 1 record does not yet show which therapist suits which client;")


@pytest.mark.parametrize(("band", "odds"), [(0.55, "55:45"), (0.6, "60:40"), (0.625, "62.5:37.5"), (0.999, "99.9:0.1")])
def test_the_legend_has_the_odds_between_bands(
    band: float, odds: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    tables = clinic({"age": [30]}, {"interpersonal_skill": [4.5, 2.0]})
    toml = f"[settings]\nband = {band}"
    show_ranking(rank(RosterScorer.from_clinic(published(), opened(toml), tables), "c0"), WAI_SR, PLAIN, band=band)
    assert f"with odds of at least {odds}. Inside a band" in capsys.readouterr().out
