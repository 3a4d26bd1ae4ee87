"""Warnings of leaks, double counting and too few records; a published figure that its sample cannot have."""

from dataclasses import replace

import numpy as np
import pytest

from attune_fit.data.clinic.tables import Tables
from attune_fit.data.synthetic.simulate import simulate
from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.features.pair_frame import PairFrame
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.training.hypotheses.held_out_gain import HeldOutGain, measure_held_out_gain
from attune_fit.training.hypotheses.hypothesis import Alternatives, Hypothesis
from attune_fit.training.hypotheses.hypothesis_feature import HypothesisFeature
from attune_fit.training.hypotheses.hypothesis_warnings import compute_lowest_plausible_r2, list_warnings
from attune_fit.training.hypotheses.lab_records import LabRecords
from attune_fit.training.hypotheses.null_statistics import NullDraws
from attune_fit.training.hypotheses.specification_curve import Specification
from tests.training.hypotheses.lab_designs import draw_records

CLAIM = Hypothesis(
    name="claim",
    claim="A claim.",
    feature=HypothesisFeature(client="presenting_problems", therapist="specialties", compare="overlap"),
    alternatives=Alternatives(outcomes=["bond"]),
)
N_DYADS = 65  # Fisher & Zilcha-Mano 2024


@pytest.fixture(scope="module")
def tables() -> Tables:
    """A clinic with 20 therapists and 15 clients for each of them."""
    return simulate(300, 20, 1, waiting=0).tables


def list_ids(
    tables: Tables, records: LabRecords, claim: Hypothesis = CLAIM, gain: HeldOutGain | None = None
) -> list[str]:
    return [one.id for one in list_warnings(claim, records, gain, tables, FEATURES)]


def test_a_plain_study_has_no_warning_but_that_of_its_columns(tables: Tables) -> None:
    assert list_ids(tables, draw_records("pair")) == ["same-columns"]


def test_a_feature_of_the_model_with_the_same_values_is_named(tables: Tables) -> None:
    records = draw_records("pair")
    pairs = Pairs.from_rows(Sides(tables), records.client, records.therapist)
    feature = next(one for one in FEATURES if one.name == "problems_covered")
    values = PairFrame.from_pairs(pairs, [feature]).values[:, 0]
    noise = 0.1 * np.nanstd(values) * np.random.default_rng(1).normal(size=len(values))
    near = replace(records, term=np.nan_to_num(values, nan=float(np.nanmean(values))) + noise)
    found = {one.id: one.text for one in list_warnings(CLAIM, near, None, tables, FEATURES)}
    assert "`problems_covered` (r = " in found["double-counting"]


def test_a_term_that_its_covariates_nearly_add_up_to_is_found(tables: Tables) -> None:
    records = draw_records("pair")
    noise = np.random.default_rng(1).normal(size=len(records))
    near = replace(records, covariates=(records.term + 0.3 * noise)[:, None], covariate_names=("part: client",))
    assert "little-variation" in list_ids(tables, near)
    far = replace(near, covariates=(records.term + 3 * noise)[:, None])
    assert "little-variation" not in list_ids(tables, far)


@pytest.mark.parametrize(("n_without", "warned"), [(100, True), (98, False)])
def test_an_exclusion_that_leaves_out_no_record_is_named(tables: Tables, n_without: int, warned: bool) -> None:
    main = Specification("main analysis", "total", (), (), 0.1, 0.0, 0.2, 0.04, 100, 20, True)
    other = replace(main, exclusions=("caseload under 5",), n=n_without, is_main=False)
    found = list_warnings(CLAIM, draw_records("pair"), None, tables, (), [main, other])
    assert ("repeated-analyses" in [one.id for one in found]) == warned


def test_a_copy_of_the_outcome_is_found(tables: Tables) -> None:
    records = draw_records("pair")
    copied = replace(records, term=records.y + 8 * np.random.default_rng(1).normal(size=len(records)))
    null = NullDraws.from_seed([copied], 19, 1)
    found = list_ids(tables, copied, gain=measure_held_out_gain(copied, null, 1))
    assert "outcome-copy" in found
    assert "implausible-held-out-gain" in found


@pytest.mark.parametrize(("r2", "is_warned"), [(0.24, True), (0.53, True), (0.05, False), (0.12, False)])
def test_a_published_figure_is_compared_with_its_sample(tables: Tables, r2: float, is_warned: bool) -> None:
    claim = CLAIM.model_copy(update={"published_r2": r2, "published_n": N_DYADS})
    assert ("implausible-published-figure" in list_ids(tables, draw_records("pair"), claim)) == is_warned


def test_the_lower_end_of_a_share_grows_with_the_sample() -> None:
    ends = [compute_lowest_plausible_r2(0.24, n) for n in (3, 20, 65, 1_000)]
    assert ends == sorted(ends)
    assert ends[0] == 0.0
    assert ends[-1] < 0.24


def test_sixty_five_dyads_without_an_effect_seldom_reach_an_implausible_gain(tables: Tables) -> None:
    warned = 0
    for seed in range(100):
        records = draw_records("pair", seed=seed, therapists=13, caseload=5)
        gain = measure_held_out_gain(records, NullDraws.from_seed([records], 1, seed), seed)
        warned += "implausible-held-out-gain" in [one.id for one in list_warnings(CLAIM, records, gain, tables, ())]
    assert warned <= 5


def test_few_therapists_dropped_records_and_a_single_analysis_are_named(tables: Tables) -> None:
    records = replace(
        draw_records("pair", therapists=6),
        n_dropped={"a cell is unknown": 60, "the intake is after the first rating": 3, "the outcome is unknown": 900},
    )
    alone = CLAIM.model_copy(update={"alternatives": Alternatives()})
    found = list_ids(tables, records, alone)
    assert found == ["late-intake", "same-columns", "few-therapists", "many-unknown", "single-analysis"]
    late = list_warnings(alone, records, None, tables, ())[0].text
    assert late.startswith("Fewer than 10 records"), "a small count is hidden here as in the report"
