"""The model card: computed, complete, and silent about small cells."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import escape

import numpy as np
import pytest

from attune_fit.data.clinic.columns import list_columns
from attune_fit.data.small_cells import MIN_GROUP_SIZE, SMALL_COUNT_TEXT
from attune_fit.features.feature import FAMILIES
from attune_fit.models.active_model import load_starting_model
from attune_fit.models.active_pointer import STARTING_MODEL_NAME
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.pair_effect_verdict import MethodComparison, Verdict
from attune_fit.training.crossfit.pipeline import Recipe, crossfit_models
from attune_fit.training.crossfit.splits import Fold, split_records
from attune_fit.training.evaluation.choice_shares import measure_choice_shares
from attune_fit.training.evaluation.metrics import METRICS, compute_mean_metrics
from attune_fit.training.evaluation.paired_comparison import PairedComparison
from attune_fit.training.evaluation.rank_outcome import RankOutcome
from attune_fit.training.fitting.crossfit_recipe import predict_with_re_pairings
from attune_fit.training.fitting.fit_model import ModelFitResult
from attune_fit.training.promotion.promotion_decision import PromotionDecision
from attune_fit.training.reporting.card_charts import SAME_FOR_ALL, format_methods
from attune_fit.training.reporting.model_card import (
    build_card_facts,
    build_run_facts,
    compute_coverage,
    compute_wilson_interval,
    describe_calibration,
    describe_choice,
    describe_records,
    list_unread_columns,
)
from attune_fit.training.reporting.model_card_page import NOT_MEASURED, format_model_card
from attune_fit.training.reporting.model_card_report import build_card_sections, format_card_report
from tests.models.builders import THREE
from tests.training.builders import simulated, toy
from tests.training.evaluation.test_paired_comparison import predict

DECISION = PromotionDecision(
    "promoted",
    "Because.",
    STARTING_MODEL_NAME,
    0.0005,
    (PairedComparison("rmse", "them", 15.0, 16.0, 1.0, 0.5, 1.5, 120),),
)


@pytest.fixture(scope="module")
def run() -> ModelFitResult:
    """A training on the records of a simulated clinic, measured on two of the three splits."""
    records, recipe = simulated(120, seed=3), Recipe()
    folds = split_records("client", records, 5, 0)
    made = crossfit_models(recipe, records, folds)
    held, _ = predict_with_re_pairings(records, made, "")
    by_split = {"client": [held, replace(held, score=held.score + 1)], "therapist": [held, held], "time": [held]}
    metrics, spread = compute_mean_metrics(by_split)
    for name in ("later_r", "later_pair_r"):
        metrics.pop(name)
    first, n_splits = {name: repeats[0] for name, repeats in by_split.items()}, {"client": 2, "therapist": 2, "time": 1}
    model = replace(recipe.fit(records, np.arange(len(records))), n_outcomes=len(records), data_digest="d" * 64)
    return ModelFitResult(
        model, load_starting_model(), recipe, records, folds, made, first, metrics, spread, n_splits
    )  # fmt: skip


@pytest.fixture(scope="module")
def card(run: ModelFitResult) -> dict[str, object]:
    return build_card_facts(run.model, "abc", "e" * 64) | build_run_facts(run, DECISION, {"seed": 0, "trials": 0})


def test_the_page_holds_every_metric_and_says_what_was_not_measured(
    run: ModelFitResult, card: dict[str, object]
) -> None:
    text = format_model_card(card)
    for row in METRICS:
        value = f"{run.metrics[row.name]:.3f}" if row.name in run.metrics else NOT_MEASURED
        spread = f"{run.metrics_spread[row.name]:.3f} (2 splits)" if row.name in run.metrics else NOT_MEASURED
        assert f"| {row.name} | {value} | {spread} |" in text
    assert run.metrics_spread["rmse"] > 0
    assert f"| later_r | {NOT_MEASURED} | {NOT_MEASURED} |" in text
    assert run.model.verdict.sentence in text
    assert "Promoted. Because." in text
    assert "| rmse | them | 15.000 | 16.000 | +1.000 [+0.500, +1.500] |" in text
    assert "d" * 64 in text
    assert "e" * 64 in text
    assert all(f"| {row.name} ({row.family}) |" in text for row in run.model.features)


def test_the_page_shows_what_decides_a_list(run: ModelFitResult, card: dict[str, object]) -> None:
    text, shares = format_model_card(card), measure_choice_shares(run.model, run.records.sides)
    assert "## What decides a list here" in text
    assert len(shares) > 5
    for one in shares:
        assert f"| {one.part} | {one.sd:.2f} | {round(one.share, 2) + 0.0:.0%} |" in text
    assert describe_choice(run.model, toy(20, clients=MIN_GROUP_SIZE - 1)) is None
    assert "## What decides a list here" not in format_model_card({**card, "choice": None})
    earlier = {name: value for name, value in card.items() if name not in ("choice", "learned")}
    assert "## What decides a list here" not in format_model_card(earlier)


def test_a_metric_of_one_split_shows_no_spread(run: ModelFitResult) -> None:
    one = replace(run, metrics=run.metrics | {"later_r": 0.3}, metrics_spread=run.metrics_spread | {"later_r": 0.0})
    facts = build_card_facts(run.model, "abc", "") | build_run_facts(one, DECISION, {})
    assert "| later_r | 0.300 | one split |" in format_model_card(facts)
    for metric in facts["metrics"]:  # as in a card of an earlier version
        del metric["spread"], metric["splits"]
    assert "| rmse | " in format_model_card(facts)
    assert "splits)" not in format_model_card(facts)


def test_the_card_tells_how_the_records_count(run: ModelFitResult) -> None:
    facts = build_card_facts(run.model, "abc", "") | build_run_facts(run, DECISION, {})
    assert "| weights of pair features | constant in time |" in format_model_card(facts)
    assert "| client's own level | none measured |" in format_model_card(facts)
    changing = replace(run, recipe=replace(run.recipe, has_drift=True, client_share=0.3))
    facts = build_card_facts(run.model, "abc", "") | build_run_facts(changing, DECISION, {})
    assert "| weights of pair features | change with time; lists use those of today |" in format_model_card(facts)
    assert "| client's own level | 30% of the residual variance |" in format_model_card(facts)


def test_the_page_has_the_outcome_on_the_rank_of_the_therapist_seen(run: ModelFitResult) -> None:
    facts = build_card_facts(run.model, "abc", "") | build_run_facts(run, DECISION, {})
    assert f"Outcome on the rank of the therapist seen: {NOT_MEASURED}." in format_model_card(facts)
    measured = replace(run, rank_outcome=RankOutcome(-0.412, -0.8, -0.024, 1_234, 17, 6.25))
    text = format_model_card(build_card_facts(run.model, "abc", "") | build_run_facts(measured, DECISION, {}))
    assert "Outcome on the rank of the therapist seen: b = -0.41 [-0.80, -0.02] POMP points" in text
    assert "1,234 held-out records, 17 therapists, mean rank 6.2" in text


def test_the_page_is_made_of_the_facts_as_json_gives_them_back(card: dict[str, object]) -> None:
    assert format_model_card(json.loads(json.dumps(card, allow_nan=False))) == format_model_card(card)


def test_the_card_of_day_0_says_that_nothing_was_measured() -> None:
    text = format_model_card(build_card_facts(load_starting_model(), STARTING_MODEL_NAME, ""))
    assert "## How well it predicts\n\nNot measured." in text
    assert "## Comparison with simpler methods\n\nNot measured." in text
    assert f"| early alliance records | {NOT_MEASURED} |" in text
    assert "## Use" in text


def test_no_cell_below_ten_is_told() -> None:
    few = describe_records(toy(9, clients=9))
    assert (few["n"], few["first"], few["mean"]) == (SMALL_COUNT_TEXT, None, None)
    assert set(few["unknown"].values()) == {None}
    records = toy(60, clients=40, therapists=8)
    standard = records.standardised_features.copy()
    standard[:3] = np.nan
    told = describe_records(replace(records, standardised_features=standard))
    assert (told["n"], told["therapists"], told["unknown"]) == (
        60,
        SMALL_COUNT_TEXT,
        {"declared": f"in {SMALL_COUNT_TEXT} records"},
    )
    assert told["first"] == "2026-01-01"
    assert told["clients"] >= MIN_GROUP_SIZE
    standard[:30] = np.nan
    assert describe_records(replace(records, standardised_features=standard))["unknown"] == {"declared": 0.5}
    assert SMALL_COUNT_TEXT in format_model_card(
        build_card_facts(AllianceModel.from_published(THREE), "x", "") | {"records": few}
    )


def test_coverage_is_measured_by_folds_that_set_no_width(run: ModelFitResult) -> None:
    held = run.predictions_by_split["client"]
    found = compute_coverage(held, run.folds, 0.9)
    assert found is not None
    assert found["low"] < found["held"] < found["high"]
    assert abs(found["held"] - 0.9) < 0.08
    calm, half = predict(0.0, n=600), np.arange(600) < 300
    noise = np.random.default_rng(0).normal(0, 1, 600)
    calm = replace(calm, y=calm.score + calm.sd * np.where(half, 0.2, 2.0) * noise)
    folds = [Fold(np.flatnonzero(~one), np.flatnonzero(one)) for one in (half, ~half)]
    apart = compute_coverage(calm, folds, 0.9)
    assert apart is not None
    assert 0.5 < apart["held"] < 0.8, "widths from the other half: too wide for the calm one, too narrow for the other"
    wide = replace(held, y=held.score + 200 * np.where(np.arange(len(held.y)) % 2, 1.0, -1.0))
    none = compute_coverage(wide, run.folds, 0.9)
    assert none is not None
    assert none["held"] == 0, "no rating lies beyond the scale, so no interval holds it"
    assert compute_coverage(held, [], 0.9) is None


def test_simple_ways_stand_in_the_card_as_the_verdict_saw_them() -> None:
    model = MethodComparison("the model", (0.15, 0.06, 0.24), (0.22, 0.14, 0.29))
    mean = MethodComparison("a mean", None, (0.1, 0.0, 0.2))
    judged = Verdict("adds", 0.15, 0.06, 0.24, 0.002, 800, compared=(model, mean))
    text = format_model_card(build_card_facts(replace(load_starting_model(), verdict=judged), "x", ""))
    assert "| the model | r = .15 [.06, .24] | r = .22 [.14, .29] |" in text
    assert "| a mean | the same for all | r = .10 [.00, .20] |" in text
    assert "## Comparison with simpler methods\n\nNot measured." in format_model_card(
        build_card_facts(load_starting_model(), "x", "")
    )


def test_what_is_not_read_is_what_no_feature_reads() -> None:
    found = list_unread_columns(load_starting_model())
    assert "payer" in found["clients"]
    assert "payers" in found["therapists"]
    assert not set(found["clients"]) & {column for row in load_starting_model().features for column in row.client}
    assert all(set(names) <= set(list_columns(table)) for table, names in found.items())
    assert "client_id" not in found["clients"]
    assert set(list_unread_columns(AllianceModel.from_published(()))["clients"]) == set(list_columns("clients")) - {
        "client_id"
    }


def test_families_weigh_what_their_weights_do(run: ModelFitResult) -> None:
    found = {one["family"]: one for one in build_card_facts(run.model, "x", "")["families"]}
    assert set(found) <= set(FAMILIES)
    of = [column for column, row in enumerate(run.model.features) if row.family == "style"]
    assert found["style"]["now"] == pytest.approx(float(np.sqrt((run.model.evidence.mean[1:][of] ** 2).sum())))
    assert found["style"]["features"] == len(of)
    assert found["style"]["in_trees"] == 0


@pytest.mark.parametrize(("count", "n"), [(0, 1), (1, 1), (0, 40), (40, 40), (7, 40), (270, 303)])
def test_the_interval_of_a_share_is_that_of_scipy(count: int, n: int) -> None:
    from scipy.stats import binomtest

    ends = binomtest(count, n).proportion_ci(method="wilson")
    assert compute_wilson_interval(count, n) == pytest.approx((ends.low, ends.high), abs=1e-14)


def test_the_page_with_charts_has_every_section_of_the_markdown_and_the_verdict_first(card: dict[str, object]) -> None:
    page, titles = format_card_report(card), re.findall(r"^## (.+)$", format_model_card(card), re.MULTILINE)
    assert [section.title for section in build_card_sections(card)] == titles
    assert page.index(escape(str(card["verdict_plain"]))) < page.index('class="contents"')
    assert page.count('class="dot"') == len(card["calibration"]) > 1  # type: ignore[arg-type]
    assert page.count('class="whisk"') == len(card["calibration"])  # type: ignore[arg-type]
    for section in build_card_sections(card):
        assert f'href="#{section.anchor}"' in page
    for row in METRICS:
        assert f">{row.name}<" in page
    for weight in card["weights"]:  # type: ignore[attr-defined]
        assert f">{weight['feature'].replace('_', ' ')}<" in page


def test_the_page_of_the_starting_model_and_of_earlier_versions_says_what_is_missing(card: dict[str, object]) -> None:
    page = format_card_report(build_card_facts(load_starting_model(), STARTING_MODEL_NAME, ""))
    assert "There is no calibration plot" in page
    assert "Published evidence only" in page
    assert 'class="dot"' not in page
    earlier = {name: value for name, value in card.items() if name not in ("calibration", "verdict_plain", "learned")}
    assert "There is no calibration plot" in format_card_report(earlier)


def test_the_calibration_of_a_card_is_of_groups_of_ten_or_more(card: dict[str, object], run: ModelFitResult) -> None:
    groups = card["calibration"]
    assert isinstance(groups, list)
    assert min(group["n"] for group in groups) >= MIN_GROUP_SIZE
    assert sum(group["n"] for group in groups) == len(run.predictions_by_split["client"].y)
    few = predict(1.0)
    assert describe_calibration(replace(few, score=few.score[:19], y=few.y[:19])) is None


def test_a_method_that_cannot_choose_has_words_in_the_place_of_an_interval() -> None:
    rows = [{"name": "the model", "within": (0.2, 0.1, 0.3), "over": (0.2, 0.1, 0.3)},
            {"name": "the mean", "within": None, "over": (0.1, 0.0, 0.2)}]  # fmt: skip
    page = format_methods({"compared": rows})
    assert page.count("ci-point") == 1
    assert SAME_FOR_ALL in page
    assert format_methods({"compared": []}) == ""
