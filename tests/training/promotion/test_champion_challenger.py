"""Champion and challenger are compared on records that neither was fitted to, and the decision follows."""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.instruments import list_instruments
from attune_fit.data.clinic.settings import Config
from attune_fit.models.active_model import load_starting_model
from attune_fit.models.active_pointer import STARTING_MODEL_NAME
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.pair_effect_verdict import MIN_TEST_RECORDS, Verdict
from attune_fit.models.trees import TreeHyperparameters
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.pipeline import Recipe, crossfit_models
from attune_fit.training.crossfit.splits import split_records
from attune_fit.training.fitting.crossfit_recipe import predict_with_re_pairings
from attune_fit.training.fitting.fit_model import ModelFitResult
from attune_fit.training.promotion.champion_challenger import (
    Champion,
    compare_with_champion,
    describe_recipe,
    find_unseen_rows,
    rebuild_recipe,
)
from attune_fit.training.promotion.promotion_decision import decide_promotion, format_bundle_name
from tests.models.builders import THREE
from tests.training.builders import toy

STARTING_MODEL = AllianceModel.from_published(THREE)
CONFIG = Config.model_validate(tomllib.loads(""))
CLINIC = Clinic(Path("nowhere"), CONFIG, list_instruments(CONFIG.instruments))


def fit_challenger(records: TrainingDataset, recipe: Recipe | None = None, verdict: str = "nothing") -> ModelFitResult:
    """Fit a new model to the records of a toy clinic."""
    recipe = recipe or Recipe()
    folds = split_records("client", records, 5, 0)
    fold_models = crossfit_models(recipe, records, folds)
    model = replace(recipe.fit(records, np.arange(len(records))), n_outcomes=len(records),
                    verdict=Verdict(verdict, n=len(records)))  # type: ignore[arg-type]  # fmt: skip
    return ModelFitResult(
        model,
        STARTING_MODEL,
        recipe,
        records,
        folds,
        fold_models,
        {"client": predict_with_re_pairings(records, fold_models, "")[0]},
    )


def fit_champion(records: TrainingDataset, recipe: Recipe, until: dt.date | None = None) -> Champion:
    model = replace(recipe.fit(records, np.arange(len(records))), n_outcomes=len(records))
    return Champion("old", model, THREE, recipe, until)


def test_a_recipe_is_rebuilt_from_its_description_in_the_bundle() -> None:
    recipe = Recipe(TreeHyperparameters(trees=7), (0.4, 0.0, 1.5), frozenset({"b", "a"}), seed=3)
    for one in (recipe, Recipe(seed=9)):
        description = json.loads(json.dumps(describe_recipe(one, toy(20))))
        again = rebuild_recipe(description["recipe"], load_starting_model())
        assert again == one
        assert again is not None
        assert again.prior is not None


@pytest.mark.parametrize("start", [None, {"digest": "0" * 64, "share": 0.3}])
@pytest.mark.parametrize("growth", [None, {"trees": 7, "leaves": 7, "rate": 0.05, "least": 40, "ridge": 20.0}])
def test_a_recipe_of_version_0_7_is_rebuilt_without_its_starting_trees(
    start: dict[str, Any] | None, growth: dict[str, Any] | None
) -> None:
    stored = {"start": start, "growth": growth, "share": 0.4, "held": ["gap"], "seed": 3}
    grown = Recipe(TreeHyperparameters(trees=7), (0.4, 0.0, 0.0), frozenset({"gap"}), seed=3)
    expected = grown.without_trees() if growth is None else grown
    assert rebuild_recipe(json.loads(json.dumps(stored)), load_starting_model()) == expected


def test_a_recipe_of_another_version_of_attune_is_not_rebuilt() -> None:
    description = describe_recipe(Recipe(), toy(20))["recipe"]
    assert rebuild_recipe({**description, "moonphase": 1}, load_starting_model()) is None
    assert rebuild_recipe(None, load_starting_model()) is None


def test_a_recipe_names_the_day_of_its_last_record() -> None:
    records = toy(20)
    assert describe_recipe(Recipe(), records)["until"] == str(records.measured_on.max()) == "2026-01-20"
    undated = replace(records, measured_on=np.full(20, np.datetime64("NaT", "D")))
    assert describe_recipe(Recipe(), undated)["until"] == "2026-06-15", "the day of the tables"


def test_later_records_of_clients_with_earlier_records_are_not_unseen() -> None:
    records = toy(6, clients=6)
    day = np.datetime64("2026-01-01") + np.array([0, 5, 6, 7, 8, 9]).astype("timedelta64[D]")
    day[5] = np.datetime64("NaT", "D")
    records = replace(records, client=np.array([0, 0, 1, 2, 3, 4]), measured_on=day)
    np.testing.assert_array_equal(find_unseen_rows(records, dt.date(2026, 1, 5)), [2, 3, 4])


def test_the_starting_model_gets_the_levels_of_the_same_folds_and_loses_when_there_is_an_effect_to_learn() -> None:
    new = fit_challenger(toy(500, clients=400, pair=4.0))
    found, notes = compare_with_champion(
        new, Champion(STARTING_MODEL_NAME, STARTING_MODEL, THREE), CLINIC, new.records.sides.tables, 0
    )
    assert [one.figure for one in found] == ["rmse", "pair_added_r"]
    assert not any(one.is_worse for one in found)
    assert found[0].low > 0
    assert notes == []


def test_day_0_is_not_blamed_for_the_level_of_the_clinic() -> None:
    """A clinic that rates 15 POMP lower: the rival of day 0 learns the level, so rmse does not differ by it."""
    records = toy(500, clients=400)
    low = replace(records, y=records.y - 15 + 4.0 * records.therapist)
    found, _ = compare_with_champion(
        fit_challenger(low), Champion(STARTING_MODEL_NAME, STARTING_MODEL, THREE), CLINIC, low.sides.tables, 0
    )
    assert abs(found[0].gain) < 0.2
    assert found[0].old < 10


def test_a_worse_recipe_is_detected_on_the_same_folds() -> None:
    """The live model learned the weight of the gap; the new model keeps it at its prior."""
    records = toy(500, clients=400, pair=4.0)
    new = fit_challenger(records, Recipe(held=frozenset({"gap"})))
    found, _ = compare_with_champion(new, fit_champion(records, Recipe()), CLINIC, records.sides.tables, 0)
    assert found[0].is_worse
    back, _ = compare_with_champion(
        fit_challenger(records), fit_champion(records, new.recipe), CLINIC, records.sides.tables, 0
    )
    assert not any(one.is_worse for one in back)


def test_the_live_model_predicts_later_records_unchanged() -> None:
    records = toy(600, clients=600, pair=4.0)
    days = np.sort(records.measured_on)
    early = np.flatnonzero(records.measured_on <= days[60])
    few = replace(
        records,
        client=records.client[early],
        therapist=records.therapist[early],
        y=records.y[early],
        measured_on=records.measured_on[early],
        standardised_features=records.standardised_features[early],
    )
    old = fit_champion(few, Recipe(), days[60].astype(object))
    found, notes = compare_with_champion(fit_challenger(records), old, CLINIC, records.sides.tables, 0)
    later = len(find_unseen_rows(records, days[60].astype(object)))
    assert [(one.figure, one.n) for one in found] == [("rmse", later), ("pair_added_r", later)]
    assert found[0].low > 0, "600 records know more than 61"
    assert notes == ["Both models have the same recipe. Bundle old was fitted to 61 records."]
    last = fit_champion(records, Recipe(), days[-MIN_TEST_RECORDS].astype(object))
    nothing, notes = compare_with_champion(fit_challenger(records), last, CLINIC, records.sides.tables, 0)
    assert nothing == []
    assert notes[-1] == (
        f"Fewer than {MIN_TEST_RECORDS} records are dated after the training of bundle old, so these were not compared."
    )


def test_a_bundle_without_a_recipe_is_not_refitted() -> None:
    records = toy(100)
    old = replace(fit_champion(records, Recipe()), recipe=None)
    found, notes = compare_with_champion(fit_challenger(records), old, CLINIC, records.sides.tables, 0)
    assert found == []
    assert notes == ["Bundle old could not be refitted: its recipe is missing, or from another version of Attune."]


@pytest.fixture
def live_models(monkeypatch: pytest.MonkeyPatch) -> list[Champion]:
    """Make the last model of a list the live one for :func:`decide_promotion`."""
    live: list[Champion] = []
    monkeypatch.setattr("attune_fit.training.promotion.promotion_decision.find_champion", lambda *_: live[-1])
    return live


def decide(new: ModelFitResult, name: str = "new") -> tuple[str, str]:
    decision = decide_promotion(new, name, CLINIC, new.records.sides.tables)
    return decision.what, decision.because


def test_a_model_that_is_not_worse_is_promoted(live_models: list[Champion]) -> None:
    live_models.append(Champion(STARTING_MODEL_NAME, STARTING_MODEL, THREE))
    what, because = decide(fit_challenger(toy(500, clients=400, pair=4.0)))
    assert what == "promoted"
    assert because.startswith("On 500 held-out records: not measurably worse than the starting model (rmse ")


def test_shuffled_outcomes_are_refused_with_advice(live_models: list[Champion]) -> None:
    records = toy(500, clients=400, pair=4.0)
    live_models.append(Champion(STARTING_MODEL_NAME, STARTING_MODEL, THREE))
    shuffled = replace(records, y=np.random.default_rng(0).permutation(records.y))
    what, because = decide(fit_challenger(shuffled))
    assert what == "refused"
    assert because.startswith("The outcomes of these 500 records show no relation to the intake answers (p = 0.")
    assert because.endswith(
        "Check that the ids join the right rows. With few records, wait until there are more. "
        "The starting model stays live."
    )


def test_a_refusal_lists_every_reason(live_models: list[Champion]) -> None:
    records = toy(500, clients=400, pair=4.0)
    adds = replace(fit_champion(records, Recipe()), name="old")
    live_models.append(replace(adds, model=replace(adds.model, verdict=Verdict("adds", 0.2, 0.1, 0.3, 0.01, 500))))
    what, because = decide(fit_challenger(records, Recipe(held=frozenset({"gap"}))))
    assert what == "refused"
    assert "Bundle old measurably helps to choose between therapists; the new model does not. It is based on" in because
    assert "On 500 held-out records: measurably worse than bundle old (rmse " in because
    assert because.endswith("Bundle old stays live.")


def test_a_model_from_fewer_records_is_refused(live_models: list[Champion]) -> None:
    records = toy(500, clients=400, pair=4.0)
    old = fit_champion(records, Recipe())
    live_models.append(replace(old, model=replace(old.model, n_outcomes=600)))
    assert (
        "The new model is based on 500 records, bundle old on 600. Check whether records are missing."
        in decide(fit_challenger(records))[1]
    )
    live_models.append(replace(old, model=replace(old.model, n_outcomes=550)))
    assert decide(fit_challenger(records))[0] == "promoted"


def test_nothing_to_decide(live_models: list[Champion]) -> None:
    records = toy(500, clients=400, pair=4.0)
    live_models.append(fit_champion(records, Recipe()))
    assert decide(fit_challenger(records), "old") == ("kept", "The new model is identical to the live bundle.")
    none = ModelFitResult(STARTING_MODEL, STARTING_MODEL, Recipe(), toy(0))
    assert decide(none) == ("kept", "There are no early alliance records to learn from. Bundle old stays live.")


def test_a_bundle_that_keeps_the_starting_weights_gives_the_reason(live_models: list[Champion]) -> None:
    live_models.append(Champion(STARTING_MODEL_NAME, STARTING_MODEL, THREE))
    new = fit_challenger(toy(500, clients=400, pair=4.0))
    verdict = Verdict("adds", 0.19, 0.1, 0.28, 0.01, 500, learned=(-0.04, -0.06, -0.02))
    what, because = decide(replace(new, model=replace(new.model, verdict=verdict)))
    assert what == "promoted"
    assert because.startswith(
        "The new model keeps the pair weights of the starting model; only levels and therapist effects come from these "
        "records. Learned weights were measurably worse at choosing between therapists (r lower by .04, 95% interval "
        ".02 to .06). On 500 held-out records:"
    )


def test_a_model_from_one_client_is_refused(live_models: list[Champion]) -> None:
    live_models.append(Champion(STARTING_MODEL_NAME, STARTING_MODEL, THREE))
    records = toy(1, clients=1)
    one = ModelFitResult(Recipe().fit(records, np.arange(1)), STARTING_MODEL, Recipe(), records)
    assert decide(one) == ("refused", "The new model cannot be tested on 1 record. The starting model stays live.")
    assert format_bundle_name(STARTING_MODEL_NAME) == "the starting model"


@pytest.mark.parametrize(
    "changes",
    [
        {"tree_weights": [0.5]},
        {"tree_weights": [0.5, -0.1, 0.0]},
        {"tree_weights": "all"},
        {"growth": {"trees": 60, "branches": 3}},
        {"share": "half", "growth": {"trees": 60}},
    ],
)
def test_a_recipe_of_another_version_is_none(changes: dict[str, Any]) -> None:
    described = describe_recipe(Recipe(), toy(20))["recipe"]
    assert rebuild_recipe(described, load_starting_model()) == Recipe()
    assert rebuild_recipe({**described, **changes}, load_starting_model()) is None
