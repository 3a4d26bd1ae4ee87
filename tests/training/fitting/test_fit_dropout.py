"""Training of dropout: who counts as a record, what a planted effect does, and what none does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_limits

from attune_fit.data.clinic.tables import Tables
from attune_fit.data.synthetic.simulate import simulate
from attune_fit.data.synthetic.world import World
from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.features.sides import Sides
from attune_fit.models.active_model import load_starting_model
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.dropout_model import DropoutModel, build_dropout_prior
from attune_fit.models.feature_migration import migrate_model
from attune_fit.models.feature_scales import fill_scales
from attune_fit.training.fitting.fit_dropout import build_dropout_dataset, estimate_dropout_variances, fit_dropout


def start(tables: Tables) -> AllianceModel:
    return migrate_model(load_starting_model(), fill_scales(FEATURES, Sides(tables)))


def fit(tables: Tables, seed: int = 0) -> DropoutModel | None:
    model = start(tables)
    with threadpool_limits(limits=1):
        return fit_dropout(tables, model.evidence, model.features, seed)


def count_records(tables: Tables) -> int:
    return len(build_dropout_dataset(tables, start(tables).features).client)


def mark(tables: Tables, is_changed: pd.Series, value: object) -> Tables:
    """The tables with another ``dropped_out`` in some rows of the outcomes."""
    cells = tables.outcomes["dropped_out"].mask(is_changed, value)
    return replace(tables, outcomes=tables.outcomes.assign(dropped_out=cells))


@pytest.fixture(scope="module")
def tables() -> Tables:
    return simulate(220, 8, seed=4).tables


@pytest.fixture(scope="module")
def strong() -> Tables:
    """A clinic whose clients drop out by their age alone."""
    tables, rng = simulate(1_200, 12, seed=5).tables, np.random.default_rng(0)
    age = tables.clients.set_index("client_id")["age"].fillna(40)
    risk = -1.4 - 0.08 * (tables.outcomes["client_id"].map(age).astype(float) - 40)
    drawn = pd.Series(rng.random(len(age)), index=age.index)
    drops_out = tables.outcomes["client_id"].map(drawn).to_numpy() < 1 / (1 + np.exp(-risk.to_numpy()))
    return mark(mark(tables, pd.Series(True, tables.outcomes.index), "no"), pd.Series(drops_out), "yes")


def test_records_without_a_rating_count_and_unknown_ones_do_not(tables: Tables) -> None:
    n = count_records(tables)
    unrated = replace(tables, outcomes=tables.outcomes.assign(score=np.nan))
    assert count_records(unrated) == n > 100
    first = tables.outcomes["client_id"] == tables.outcomes["client_id"].iloc[0]
    assert count_records(mark(tables, first, pd.NA)) < n


def test_a_client_who_answered_the_intake_afterwards_is_left_out(tables: Tables) -> None:
    late = tables.clients.assign(intake_on=pd.Timestamp("2099-01-01"))
    assert count_records(replace(tables, clients=late)) == 0


def test_too_few_dropouts_or_too_few_others_give_no_model(tables: Tables) -> None:
    everyone = pd.Series(True, tables.outcomes.index)
    for value in ("no", "yes", pd.NA):
        assert fit(mark(tables, everyone, value)) is None
    pairs = list(dict.fromkeys(zip(tables.outcomes["client_id"], tables.outcomes["therapist_id"], strict=True)))
    keys = pd.Series(list(zip(tables.outcomes["client_id"], tables.outcomes["therapist_id"], strict=True)))
    for few, is_fitted in ((9, False), (10, True)):
        some = pd.Series(keys.isin(pairs[:few]).to_numpy(), tables.outcomes.index)
        for rare, common in (("yes", "no"), ("no", "yes")):
            assert (fit(mark(mark(tables, everyone, common), some, rare)) is not None) == is_fitted


def test_equal_seeds_give_equal_models_and_the_counts_are_those_of_the_records(tables: Tables) -> None:
    one, other = fit(tables), fit(tables)
    assert one is not None
    assert other is not None
    np.testing.assert_array_equal(one.mean, other.mean)
    assert (one.intercept, one.slope, one.check) == (other.intercept, other.slope, other.check)
    assert one.n_records == count_records(tables)
    assert 10 <= one.n_dropouts < one.n_records


def test_a_planted_effect_is_found(strong: Tables) -> None:
    found = fit(strong)
    assert found is not None
    assert found.check is not None
    names = [one.name for one in start(strong).features]
    age = found.mean[1 + names.index("client_age")]
    assert age < -0.5
    assert found.check.auc_low > 0.6
    assert found.check.slope_low < 1 < found.check.slope_high
    assert found.check.client_auc == pytest.approx(found.check.auc, abs=0.02)


def test_without_any_effect_the_weights_shrink() -> None:
    tables = simulate(1_500, 12, seed=6, world=World(dropout_d=0.0)).tables
    model, found = start(tables), fit(tables)
    assert found is not None
    prior, _ = build_dropout_prior(model.evidence, model.features)
    x = build_dropout_dataset(tables, model.features).records.x[:, 1:]
    assert (x @ found.mean[1:]).std() < 0.8 * (x @ prior[1:]).std()
    assert found.check is not None
    assert found.check.auc_low < 0.5


def test_dropout_that_goes_with_alliance_raises_the_relevance() -> None:
    relevances = []
    for d in (0.0, 2.0):
        drawn = simulate(1_500, 12, seed=7, world=World(dropout_d=d)).tables
        model = start(drawn)
        records = build_dropout_dataset(drawn, model.features).records
        with threadpool_limits(limits=1):
            relevances.append(estimate_dropout_variances(records, model.evidence, model.features).relevance)
    assert relevances[1] > 1.5 * relevances[0]
