"""Outcome copies are found by their correlation, and honest columns pass."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st

from attune_fit.data.arrays import Floats
from attune_fit.data.clinic.instruments import INSTRUMENTS
from attune_fit.data.clinic.settings import CustomFeature
from attune_fit.data.clinic.tables import Tables
from attune_fit.data.faults import DataFault
from attune_fit.data.outcomes.early_alliance import compute_early_alliance
from attune_fit.data.synthetic.simulate import simulate
from attune_fit.data.synthetic.world import World
from attune_fit.features.custom_features import build_custom_features
from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.training.fitting.outcome_copies import (
    MAX_PLAUSIBLE_R,
    Association,
    check_outcome_copies,
    compute_association,
)

INSTRUMENT = {row.name: row for row in INSTRUMENTS}
CLINIC = simulate(120, 15, seed=4).tables
EARLY = compute_early_alliance(CLINIC, INSTRUMENT)
ROW = CustomFeature(name="fit", client="note", therapist="note", compare="same")


def by_client() -> Floats:
    return EARLY.groupby("client_row")["pomp"].mean().reindex(CLINIC.clients.index).to_numpy(float)


def by_therapist() -> Floats:
    return EARLY.groupby("therapist_row")["pomp"].mean().reindex(CLINIC.therapists.index).to_numpy(float)


def check_clinic(client: Any = 1.0, therapist: Any = 1.0, **columns: Any) -> str:
    """Return the error for a clinic with a feature over a column `note` of either side; empty without an error."""
    tables = replace(
        CLINIC,
        clients=CLINIC.clients.assign(note=client, **columns),
        therapists=CLINIC.therapists.assign(note=therapist),
    )
    try:
        check_outcome_copies(tables, EARLY, (*FEATURES, *build_custom_features([ROW], tables)))
    except DataFault as fault:
        return str(fault)
    return ""


def correlate(truth: Floats, r: float) -> Floats:
    """Return numbers whose correlation with ``truth`` is r."""
    rng, spread = np.random.default_rng(1), np.nanstd(truth)
    return (truth - np.nanmean(truth)) * r + rng.normal(0, spread * np.sqrt(1 - r**2), len(truth))


def in_three(truth: Floats) -> pd.Series:
    """Return thirds as words: poor, fair or good."""
    return pd.Series(pd.qcut(truth, 3, labels=["poor", "fair", "good"])).astype("str").where(~np.isnan(truth))


LEAKING: dict[str, Callable[[Floats], Any]] = {
    "the outcome itself": lambda y: y,
    "another scale": lambda y: 5 - 4 * y / 100,
    "a later rating": lambda y: correlate(y, 0.85),
    "half of the cells": lambda y: np.where(np.arange(len(y)) % 2, y, np.nan),
    "in words": in_three,
}


@pytest.mark.parametrize("kind", LEAKING)
def test_a_clients_column_made_from_outcomes_is_refused(kind: str) -> None:
    message = check_clinic(client=LEAKING[kind](by_client()))
    assert re.match(
        r"clients, note: r = [01]\.\d\d with early alliance over \d+ clients, higher than answers given", message
    )
    assert message.endswith("If it was not, look for ids joined wrongly.")
    assert message.count("\n") == 0


@pytest.mark.parametrize("kind", ["the outcome itself", "another scale"])
def test_a_therapists_column_made_from_outcomes_is_refused(kind: str) -> None:
    assert re.match(
        r"therapists, note: r = [01]\.\d\d with early alliance", check_clinic(therapist=LEAKING[kind](by_therapist()))
    )


def test_dropout_under_another_name_is_refused() -> None:
    dropped_out = CLINIC.outcomes.groupby("client_id")["dropped_out"].max()
    ended = CLINIC.clients["client_id"].map(dropped_out).map({"yes": "early", "no": "as planned"})
    assert re.match(r"clients, note: r = [01]\.\d\d with dropout over", check_clinic(client=ended))


def test_a_canonical_column_is_checked_and_a_column_that_no_feature_reads_is_not() -> None:
    message = check_clinic(outcome_expectancy=by_client() / 100, follow=by_client())
    assert message.startswith("clients, outcome_expectancy: r = ")
    assert "follow" not in message


def test_every_such_column_is_reported_at_once() -> None:
    message = check_clinic(client=by_client(), therapist=by_therapist(), phq9=by_client() / 4)
    assert [line.split(":")[0] for line in message.splitlines()] == [
        "clients, note",
        "clients, phq9",
        "therapists, note",
    ]


@pytest.mark.parametrize("r", [0.2, 0.35, 0.5])
def test_a_correlation_that_intake_answers_can_reach_passes(r: float) -> None:
    assert not check_clinic(client=correlate(by_client(), r))


def test_an_honest_clinic_passes() -> None:
    assert not check_clinic()


@settings(max_examples=50, deadline=None)
@given(st.integers(3, 60), st.integers(0, 1000))
def test_numbers_are_compared_by_pearsons_r_where_both_are_known(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    cells, truth = (np.where(rng.random(n) < 0.2, np.nan, rng.normal(size=n)) for _ in range(2))
    known = ~np.isnan(cells) & ~np.isnan(truth)
    association = compute_association(pd.Series(cells), truth)
    assert association.n == known.sum()
    if association.n > 2:
        assert association.r == pytest.approx(abs(np.corrcoef(cells[known], truth[known])[0, 1]))


def test_codes_are_compared_by_the_adjusted_share_their_means_explain() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"code": rng.choice(list("abcd"), 80), "y": rng.normal(size=80)})
    frame["y"] += frame["code"].map({"a": 0, "b": 1, "c": 2, "d": -1})
    association = compute_association(frame["code"], frame["y"].to_numpy())
    assert association.r**2 == pytest.approx(smf.ols("y ~ code", frame).fit().rsquared_adj)
    assert (association.n, association.adjusted_n) == (80, 78)


def test_free_text_and_ids_explain_nothing() -> None:
    assert compute_association(pd.Series([f"note {row}" for row in range(80)]), np.arange(80.0)).low == 0


@pytest.mark.parametrize(("n", "r"), [(10, 0.95), (20, 0.87), (100, 0.71), (1000, 0.57)])
def test_the_bounds_are_those_of_the_page(n: int, r: float) -> None:
    assert Association(r - 0.01, n, n).low < MAX_PLAUSIBLE_R < Association(r + 0.006, n, n).low
    assert Association(1.0, 9, 9).low == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("clients", "therapists", "clinics"), [(14, 12, 40), (30, 15, 60), (100, 20, 60), (300, 40, 15)]
)
def test_no_honest_column_is_refused(clients: int, therapists: int, clinics: int) -> None:
    """Worlds with the usual effect of intake on alliance, or four times that; more than 40 columns each."""
    for seed in range(clinics):
        world = World(
            mix=("balanced", "wishes", "style", "attachment", "problems")[seed % 5], fit=0.05 * 4 ** (seed % 2)
        )
        tables: Tables = simulate(clients, therapists, seed + 900, world.replace(dyad=0.4), waiting=1).tables
        check_outcome_copies(tables, compute_early_alliance(tables, INSTRUMENT), FEATURES)
