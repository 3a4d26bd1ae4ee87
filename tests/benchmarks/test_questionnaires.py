"""Two questionnaires in one clinic: the other form, and what a model learns of therapists who use it."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from attune_fit.data.clinic.instruments import SRS
from attune_fit.data.clinic.tables import Tables
from attune_fit.data.outcomes.early_alliance import compute_early_alliance
from attune_fit.data.synthetic.simulate import simulate
from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.pipeline import Recipe
from benchmarks.learning.benchmark_clinic import INSTRUMENTS_BY_NAME
from benchmarks.questionnaires import ARMS, give_other_form, measure_clinics

N_THERAPISTS = 20
HAS_OTHER_FORM = np.arange(N_THERAPISTS) % 2 == 1


@cache
def draw_tables() -> Tables:
    return simulate(700, N_THERAPISTS, 3, waiting=0).tables


def fit_therapist_effects(tables: Tables, early: pd.DataFrame) -> np.ndarray:
    records = TrainingDataset.from_tables(tables, early, FEATURES, main="WAI-SR")
    model = Recipe().fit(records, np.arange(len(records)))
    return model.therapists.select_for_roster(records.therapist_ids)[0]


def test_the_other_form_has_its_own_range_mean_and_ceiling() -> None:
    tables = draw_tables()
    given = give_other_form(tables, HAS_OTHER_FORM).outcomes
    on_other = given["therapist_id"].isin(tables.therapists["therapist_id"][HAS_OTHER_FORM])
    assert set(given["instrument"][on_other]) == {"SRS"}
    pd.testing.assert_frame_equal(given[~on_other], tables.outcomes[~on_other])
    points = given["score"][on_other].dropna()
    assert points.between(SRS.low, SRS.high).all()
    assert 0.1 < (points == SRS.high).mean() < 0.35
    assert given["bond"][on_other].isna().all()


def test_therapists_of_another_form_get_the_effects_that_they_have_on_one() -> None:
    """In percent of each form's range, the effects of half of the therapists would be those of their form."""
    tables = draw_tables()
    two_forms = give_other_form(tables, HAS_OTHER_FORM)
    expected = fit_therapist_effects(tables, compute_early_alliance(tables, INSTRUMENTS_BY_NAME))
    common = compute_early_alliance(two_forms, INSTRUMENTS_BY_NAME, "WAI-SR")
    in_pomp = compute_early_alliance(two_forms, INSTRUMENTS_BY_NAME).assign(instrument="WAI-SR")
    effects, confounded = (fit_therapist_effects(two_forms, early) for early in (common, in_pomp))
    assert np.corrcoef(effects, expected)[0, 1] > 0.9
    assert np.corrcoef(confounded, expected)[0, 1] < 0.7
    gap = confounded[HAS_OTHER_FORM].mean() - confounded[~HAS_OTHER_FORM].mean()
    assert gap > 4  # POMP: an SRS looks better by this much
    assert effects[HAS_OTHER_FORM].mean() - effects[~HAS_OTHER_FORM].mean() == pytest.approx(0, abs=1)


@pytest.mark.slow
def test_two_forms_cost_little() -> None:
    rows = pd.DataFrame(measure_clinics(1, (300,), 700))
    assert {*ARMS, "cost"} < set(rows)
    assert rows["cost"].mean() < 0.02
