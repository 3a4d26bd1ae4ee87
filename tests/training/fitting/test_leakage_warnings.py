"""Leakage warnings: records and columns that hold the outcome are reported, and an honest clinic gets no warning."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.instruments import INSTRUMENTS, list_instruments
from attune_fit.data.clinic.settings import Config
from attune_fit.data.clinic.tables import Tables
from attune_fit.data.outcomes.early_alliance import compute_early_alliance
from attune_fit.data.synthetic.simulate import simulate
from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.pipeline import Recipe, crossfit_models
from attune_fit.training.crossfit.splits import split_records
from attune_fit.training.fitting.fit_model import ModelFitResult, fit_clinic_model
from attune_fit.training.fitting.leakage_warnings import (
    MAX_PLAUSIBLE_R2,
    THERAPIST_EFFECT,
    compute_covariance_shares,
    list_leakage_warnings,
)
from attune_fit.training.promotion.promotion_decision import PromotionDecision
from attune_fit.training.reporting.model_card import build_card_facts, build_run_facts
from attune_fit.training.reporting.model_card_page import format_model_card

INSTRUMENT = {row.name: row for row in INSTRUMENTS}
HUNCH = {"name": "hunch", "client": "hunch", "therapist": "one", "compare": "product", "spread": 0.5}
LATE = 7


@pytest.fixture(scope="module")
def honest() -> Tables:
    return simulate(220, 12, seed=3).tables


@pytest.fixture(scope="module")
def leaking(honest: Tables) -> Tables:
    """Return tables with three leaks: a product of two columns, a few late answers, a roster of today."""
    early, rng = compute_early_alliance(honest, INSTRUMENT), np.random.default_rng(0)
    sign = rng.choice([-1.0, 1.0], len(honest.therapists))
    known = early.drop_duplicates("client_row").set_index("client_row").reindex(honest.clients.index)
    met = known["therapist_row"].fillna(0).to_numpy(np.intp)
    hunch = (known["pomp"] - known["pomp"].mean() + rng.normal(0, known["pomp"].std(), len(known))) * sign[met]
    rows = early["client_row"].unique()[:LATE]
    late = honest.clients["referred_on"].where(~honest.clients.index.isin(rows), pd.Timestamp("2027-01-01"))
    clients = honest.clients.assign(hunch=hunch, intake_on=late)
    return replace(honest, clients=clients, therapists=honest.therapists.assign(one=sign))


@pytest.fixture(scope="module")
def learnt(leaking: Tables, tmp_path_factory: pytest.TempPathFactory) -> ModelFitResult:
    config = Config.model_validate({"features": [HUNCH]})
    return fit_clinic_model(
        Clinic(tmp_path_factory.mktemp("clinic"), config, list_instruments(config.instruments)), leaking
    )


def test_records_with_late_answers_are_excluded_and_counted(learnt: ModelFitResult, leaking: Tables) -> None:
    early = compute_early_alliance(leaking, INSTRUMENT)
    assert len(learnt.records) == len(early) - LATE == learnt.model.n_outcomes
    assert not set(early["client_row"].unique()[:LATE]) & set(learnt.records.client)
    assert learnt.notes[0].startswith(
        f"{LATE} of {len(early)} early alliance records were excluded from training. The client's"
    )


def test_a_clinics_own_column_of_therapists_as_they_are_today_is_named(learnt: ModelFitResult) -> None:
    assert "records are older than the therapist's row (`therapists.updated_on`)" in learnt.notes[1]
    assert "`one`" in learnt.notes[1]


def test_a_model_that_explains_too_much_names_the_features_behind_it(learnt: ModelFitResult) -> None:
    r = learnt.metrics["out_of_fold_r"]
    assert r**2 > MAX_PLAUSIBLE_R2
    warning = learnt.notes[2]
    assert warning.startswith(f"Held-out R² is {r**2:.2f} over {len(learnt.records)} records, above the limit of 0.15.")
    assert "Look for a column written after first contact, ids joined wrongly, or outcomes copied" in warning
    assert "The largest contributions: `hunch` " in warning
    assert "(clients.hunch, therapists.one)" in warning
    assert len(learnt.notes) == 3


def test_the_card_keeps_the_notes(learnt: ModelFitResult) -> None:
    decision = PromotionDecision("kept", "a test", "")
    card = build_card_facts(learnt.model, "name", "0" * 64) | build_run_facts(learnt, decision, {})
    assert card["notes"] == list(learnt.notes)
    assert f"## Cautions\n\n- {learnt.notes[0]}" in format_model_card(card)
    assert "Cautions" not in format_model_card(card | {"notes": []})


def test_the_shares_are_those_of_the_covariance_with_the_rating(honest: Tables) -> None:
    records = TrainingDataset.from_tables(honest, compute_early_alliance(honest, INSTRUMENT), FEATURES)
    fold_models = crossfit_models(Recipe(), records, split_records("client", records, 3))
    shares = compute_covariance_shares(records, fold_models)
    assert set(shares) == {*(feature.name for feature in FEATURES), THERAPIST_EFFECT}
    assert sum(shares.values()) == pytest.approx(1)
    assert list(shares.values()) == sorted(shares.values(), reverse=True)

    def covariance(number: int) -> float:
        parts = [
            np.nan_to_num(records.standardised_features[fold.test][:, number]) * fold.model.evidence.mean[1 + number]
            for fold in fold_models
        ]
        y = np.concatenate([records.y[fold.test] for fold in fold_models])
        return float(np.mean(np.concatenate(parts) * (y - y.mean())))

    first, second = 0, 3
    names = [FEATURES[number].name for number in (first, second)]
    assert shares[names[0]] / shares[names[1]] == pytest.approx(covariance(first) / covariance(second))


def test_an_honest_clinic_gets_no_warning(honest: Tables) -> None:
    early = compute_early_alliance(honest, INSTRUMENT)
    records = TrainingDataset.from_tables(honest, early, FEATURES)
    fold_models = crossfit_models(Recipe(), records, split_records("client", records, 3))
    assert list_leakage_warnings(honest, early, records, fold_models, {"out_of_fold_r": 0.38}) == ()
    assert list_leakage_warnings(honest, early, records, fold_models, {"out_of_fold_r": -0.6}) == ()
    assert len(list_leakage_warnings(honest, early, records, fold_models, {"out_of_fold_r": 0.39})) == 1
    few = replace(records, y=records.y[:20])
    assert list_leakage_warnings(honest, early, few, fold_models, {"out_of_fold_r": 0.9}) == ()
    assert list_leakage_warnings(honest, early, records, [], {}) == ()


def test_if_all_answers_are_late_nothing_is_learned_and_a_warning_says_so(honest: Tables, tmp_path: Path) -> None:
    late = honest.clients.assign(intake_on=pd.Timestamp("2027-01-01"))
    config = Config()
    none = fit_clinic_model(
        Clinic(tmp_path, config, list_instruments(config.instruments)), replace(honest, clients=late)
    )
    assert none.model.n_outcomes == 0
    assert "were excluded from training" in none.notes[0]
