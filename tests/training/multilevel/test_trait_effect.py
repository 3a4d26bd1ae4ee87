"""A therapist's trait is tested on therapist means: more clients of the same therapists are not more therapists."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import linregress

from attune_fit.training.multilevel.trait_effect import estimate_trait_effect
from benchmarks.null_studies import Study, StudyDesign


def draw(effect: float = 0.0, therapists: int = 12, caseloads: str = "uneven", seed: int = 0) -> Study:
    return StudyDesign("trait", 0.0, therapists, caseloads).draw(np.random.default_rng(seed), effect)


def test_even_caseloads_give_a_regression_over_therapist_means() -> None:
    study = draw(caseloads="even")
    means = [study.y[study.therapist == code].mean() for code in range(12)]
    traits = [study.trait[study.therapist == code][0] for code in range(12)]
    plain, test = linregress(traits, means), estimate_trait_effect(study.y, study.therapist, study.trait)
    assert (test.estimate, test.se, test.p) == pytest.approx((plain.slope, plain.stderr, plain.pvalue))
    assert (test.df, test.n, test.n_clusters) == (10, 300, 12)


def test_every_record_twice_is_no_more_evidence_on_therapists() -> None:
    study = draw(caseloads="even")
    once = estimate_trait_effect(study.y, study.therapist, study.trait)
    twice = estimate_trait_effect(np.tile(study.y, 2), np.tile(study.therapist, 2), np.tile(study.trait, 2))
    assert (twice.p, twice.df) == pytest.approx((once.p, once.df))


def test_order_and_labels_of_records_change_nothing() -> None:
    study, order = draw(), np.random.default_rng(1).permutation(len(draw().y))
    test = estimate_trait_effect(study.y, study.therapist, study.trait)
    mixed = estimate_trait_effect(study.y[order], 900 - 7 * study.therapist[order], study.trait[order])
    assert (mixed.estimate, mixed.se, mixed.p) == pytest.approx((test.estimate, test.se, test.p))


def test_a_covariate_of_therapists_costs_a_degree_of_freedom_and_one_of_clients_does_not() -> None:
    study, rng = draw(effect=0.3), np.random.default_rng(2)
    years = rng.normal(size=12)[study.therapist]
    severity = rng.normal(size=len(study.y))
    plain = estimate_trait_effect(study.y, study.therapist, study.trait)
    both = estimate_trait_effect(
        study.y + 2 * severity + 3 * years, study.therapist, study.trait, np.column_stack([years, severity])
    )
    assert both.df == plain.df - 1
    assert both.estimate == pytest.approx(plain.estimate, abs=0.1)
    assert both.se < 2 * plain.se


def test_too_few_therapists_and_a_constant_trait_are_no_result() -> None:
    few, study = draw(therapists=2), draw()
    assert estimate_trait_effect(few.y, few.therapist, few.trait).problem == "few-therapists"
    assert estimate_trait_effect(study.y, study.therapist, np.ones_like(study.y)).problem == "no-variation"
    single = np.arange(20)  # one client each: therapist and client are one
    assert estimate_trait_effect(study.y[:20], single, study.client[:20]).problem == "few-therapists"
