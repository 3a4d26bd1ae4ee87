"""Synthetic clinics for the stacker: repeatable, with the shares that were drawn, and nested sizes."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.features.pair_frame import PairFrame
from attune_fit.features.pairs import Pairs
from attune_fit.training.stacking import synthetic_clinics
from attune_fit.training.stacking.fit_kinds import KIND_WEIGHTS
from attune_fit.training.stacking.pair_terms import double_center_pairs, rescale_interaction
from attune_fit.training.stacking.synthetic_clinics import (
    CLIENTS_RANGE,
    CLINICS_PER_POPULATION,
    FIT_SHARE_RANGE,
    FORM_POINTS,
    MIN_RECORDS,
    NEW_CLIENTS,
    NULL_SHARE,
    SIZES_PER_CLINIC,
    THERAPISTS_RANGE,
    Population,
    SyntheticClinic,
    draw_clinics,
    draw_population,
)

ROOM = Path(__file__).resolve().parents[3] / "training"


@cache
def population() -> Population:
    return draw_population(1, clients=1500, therapists=20)


@cache
def clinics() -> tuple[SyntheticClinic, ...]:
    return tuple(clinic for seed in range(25) for clinic in draw_clinics(population(), seed))


def test_one_seed_gives_one_population_and_the_same_clinics() -> None:
    first, again, other = (draw_population(seed, clients=200, therapists=12) for seed in (5, 5, 6))
    assert np.array_equal(first.new_features, again.new_features, equal_nan=True)
    assert not np.array_equal(first.new_features, other.new_features, equal_nan=True)
    for one, two in zip(draw_clinics(first, 2), draw_clinics(again, 2), strict=True):
        assert np.array_equal(one.truth, two.truth)
        assert np.array_equal(one.records.y, two.records.y)
        assert (one.kind, one.sizes, one.fit_share) == (two.kind, two.sizes, two.fit_share)
    assert not np.array_equal(draw_clinics(first, 2)[0].truth, draw_clinics(first, 3)[0].truth)


def test_the_default_numbers_of_people_are_in_their_ranges() -> None:
    drawn = draw_population(11)
    assert CLIENTS_RANGE[0] <= len(drawn.clients) <= CLIENTS_RANGE[1]
    assert THERAPISTS_RANGE[0] <= len(drawn.therapists) <= THERAPISTS_RANGE[1]


def test_each_client_has_one_record_or_waits() -> None:
    drawn = population()
    assert len(drawn.new_rows) == NEW_CLIENTS
    assert sorted([*drawn.records.client, *drawn.new_rows]) == list(range(len(drawn.clients)))
    assert drawn.new_features.shape == (NEW_CLIENTS, 20, len(FEATURES))
    assert drawn.records.sides.tables.outcomes.empty


def test_features_are_those_of_the_pairs() -> None:
    for records in (population().records, clinics()[0].take_records(100)):
        pairs = Pairs.from_rows(records.sides, records.client, records.therapist)
        want = PairFrame.from_pairs(pairs, FEATURES).standardize()
        assert np.array_equal(records.standardised_features, want, equal_nan=True)


def test_true_values_are_in_the_rows_of_the_tables() -> None:
    drawn, tables = population(), population().records.sides.tables
    assert drawn.terms.clients is drawn.clients
    assert drawn.terms.therapists is drawn.therapists
    known = tables.clients["phq9"].notna().to_numpy()
    assert np.array_equal(tables.clients["phq9"][known], drawn.clients["phq9"][known])
    known = tables.therapists["years_experience"].notna().to_numpy()
    assert np.array_equal(tables.therapists["years_experience"][known], drawn.therapists["years_experience"][known])


def test_every_kind_is_drawn_about_as_often_as_its_weight() -> None:
    kinds = [clinic.kind for clinic in clinics()]
    assert len(kinds) == 25 * CLINICS_PER_POPULATION
    assert set(kinds) == {*KIND_WEIGHTS, "null"}
    for kind, weight in KIND_WEIGHTS.items():
        share = (1 - NULL_SHARE) * weight / sum(KIND_WEIGHTS.values())
        assert kinds.count(kind) / len(kinds) == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / len(kinds)))


def test_fit_has_about_the_share_that_was_drawn() -> None:
    """The 60 new clients are a sample, and the ends of the form lower the variance of the outcomes."""
    ratios = []
    for clinic in clinics():
        share = double_center_pairs(clinic.truth).var() / clinic.records.y.var()
        if clinic.kind == "null":
            assert clinic.fit_share == 0
            assert share == pytest.approx(0, abs=1e-12)
        else:
            assert FIT_SHARE_RANGE[0] <= clinic.fit_share <= FIT_SHARE_RANGE[1]
            ratios.append(share / clinic.fit_share)
    assert 0.95 < np.mean(ratios) < 1.35
    assert 0.5 < min(ratios) < max(ratios) < 2.5


def test_therapists_differ_even_without_fit() -> None:
    null = next(clinic for clinic in clinics() if clinic.kind == "null")
    assert 0.005 < null.truth.mean(axis=0).var() / null.records.y.var() < 0.25


def test_outcomes_are_on_the_grid_of_a_form_and_near_their_level() -> None:
    for clinic in clinics():
        y = clinic.records.y
        assert y.min() >= 0
        assert y.max() <= 100
        assert 62 < y.mean() < 88
        assert 11 < y.std() < 24
        steps = y * FORM_POINTS * 6 / 100  # one, two or three forms
        assert steps == pytest.approx(np.round(steps))


def test_outcomes_follow_the_therapists_levels() -> None:
    correlations = []
    for clinic in clinics():
        levels = clinic.truth.mean(axis=0)
        means = [clinic.records.y[clinic.records.therapist == t].mean() for t in range(20)]
        correlations.append(np.corrcoef(levels, means)[0, 1])
    assert np.mean(correlations) > 0.6


def test_outcomes_and_truth_follow_the_fit_of_their_own_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a known fit of share .14, in the outcomes of met pairs and in the truth of new pairs."""
    fit = rescale_interaction(np.random.default_rng(0).standard_normal((1500, 20)))
    monkeypatch.setattr(synthetic_clinics, "draw_pair_fit", lambda rng, kind, terms: fit)
    monkeypatch.setattr(synthetic_clinics, "FIT_SHARE_RANGE", (0.14, 0.14))
    drawn = [clinic for seed in range(4) for clinic in draw_clinics(population(), seed) if clinic.kind != "null"]
    correlations = []
    for clinic in drawn:
        records = clinic.records
        correlations.append(np.corrcoef(fit[records.client, records.therapist], records.y)[0, 1])
        new = double_center_pairs(fit[population().new_rows])
        assert np.corrcoef(new.ravel(), double_center_pairs(clinic.truth).ravel())[0, 1] == pytest.approx(1)
    assert np.mean(correlations) == pytest.approx(np.sqrt(0.14), abs=0.03)


def test_sizes_are_increasing_and_nested() -> None:
    for clinic in clinics():
        assert len(clinic.sizes) == SIZES_PER_CLINIC
        assert sorted(set(clinic.sizes)) == list(clinic.sizes)
        assert MIN_RECORDS < clinic.sizes[0] < clinic.sizes[-1] <= len(clinic.records)
    clinic = clinics()[0]
    small, large = clinic.take_records(clinic.sizes[0]), clinic.take_records(clinic.sizes[-1])
    n = len(small)
    assert n == clinic.sizes[0]
    for name in ("client", "therapist", "y", "measured_on"):
        assert np.array_equal(getattr(small, name), getattr(large, name)[:n])
    assert sorted(clinic.records.client) == sorted(population().records.client)
    assert not np.array_equal(clinic.records.client, population().records.client)


def test_taken_records_keep_no_earlier_result() -> None:
    clinic = clinics()[0]
    clinic.records.compute_once("key", lambda: 1)
    assert not clinic.take_records(50).is_computed("key")


def test_a_small_population_has_four_sizes_too() -> None:
    for clinic in draw_clinics(draw_population(3, clients=160, therapists=12), 0):
        assert len(set(clinic.sizes)) == SIZES_PER_CLINIC
        assert clinic.sizes[-1] <= 100


def test_training_imports_no_benchmark() -> None:
    """The clinics of the benchmarks stay unseen by what is trained."""
    for path in ROOM.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if "benchmarks" in name.split(".")], path
