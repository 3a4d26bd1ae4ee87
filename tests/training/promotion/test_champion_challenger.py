"""The live model meets the new one on records that neither has seen."""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.instruments import list_instruments
from attune_fit.data.clinic.settings import Config
from attune_fit.models.active_model import STARTING_MODEL_NAME, load_starting_model
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.pair_effect_verdict import MIN_TEST_RECORDS, Verdict
from attune_fit.models.trees import BoostedTrees, TreeHyperparameters
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.pipeline import Recipe, crossfit_models
from attune_fit.training.crossfit.splits import split_records
from attune_fit.training.fitting.fit_model import ModelFitResult, predict_with_re_pairings
from attune_fit.training.promotion.champion_challenger import (
    Champion,
    compare_with_champion,
    describe_recipe,
    find_unseen_rows,
    rebuild_recipe,
)
from attune_fit.training.promotion.decision import decide_promotion, format_bundle_name
from tests.models.builders import THREE
from tests.training.builders import toy

BEGUN = AllianceModel.from_published(THREE)
CONFIG = Config.model_validate(tomllib.loads(""))
CLINIC = Clinic(Path("nowhere"), CONFIG, list_instruments(CONFIG.instruments))


def learnt(records: TrainingDataset, recipe: Recipe | None = None, verdict: str = "nothing") -> ModelFitResult:
    """What a training of a toy clinic would know."""
    recipe = recipe or Recipe()
    folds = split_records("client", records, 5, 0)
    made = crossfit_models(recipe, records, folds)
    model = replace(recipe.fit(records, np.arange(len(records))), n_outcomes=len(records),
                    verdict=Verdict(verdict, n=len(records)))  # type: ignore[arg-type]  # fmt: skip
    return ModelFitResult(
        model, BEGUN, recipe, records, folds, made, {"client": predict_with_re_pairings(records, made, "")[0]}
    )


def champion(records: TrainingDataset, recipe: Recipe, until: dt.date | None = None) -> Champion:
    model = replace(recipe.fit(records, np.arange(len(records))), n_outcomes=len(records))
    return Champion("old", model, THREE, recipe, until)


def test_a_recipe_comes_back_from_what_a_bundle_keeps() -> None:
    start = load_starting_model().learned
    assert start is not None
    recipe = Recipe(
        replace(start, stacking_weight=0.2), TreeHyperparameters(trees=7), 0.4, frozenset({"b", "a"}), seed=3
    )
    said = json.loads(json.dumps(describe_recipe(recipe, toy(20))))
    assert start.text not in json.dumps(said), "the digest of the trees is enough"
    assert rebuild_recipe(said["recipe"], load_starting_model()) == recipe
    plain = Recipe(seed=9)
    assert (
        rebuild_recipe(json.loads(json.dumps(describe_recipe(plain, toy(20))))["recipe"], load_starting_model())
        == plain
    )


def test_trees_that_an_update_replaced_take_the_old_share() -> None:
    recipe = Recipe(BoostedTrees(("a",), "old trees", 0.2))
    now = BoostedTrees(("a", "b"), "new trees", 0.5)
    again = rebuild_recipe(describe_recipe(recipe, toy(20))["recipe"], replace(load_starting_model(), learned=now))
    assert again == Recipe(replace(now, stacking_weight=0.2))
    assert again is not None
    assert again.prior is not None


def test_a_recipe_of_another_attune_is_not_made_anew() -> None:
    said = describe_recipe(Recipe(), toy(20))["recipe"]
    assert rebuild_recipe({**said, "moonphase": 1}, load_starting_model()) is None
    assert rebuild_recipe(None, load_starting_model()) is None


def test_a_bundle_has_seen_nothing_dated_after_its_last_record() -> None:
    records = toy(20)
    assert describe_recipe(Recipe(), records)["until"] == str(records.measured_on.max()) == "2026-01-20"
    undated = replace(records, measured_on=np.full(20, np.datetime64("NaT", "D")))
    assert describe_recipe(Recipe(), undated)["until"] == "2026-06-15", "the day of the tables"


def test_later_records_of_clients_seen_before_do_not_count_as_unseen() -> None:
    records = toy(6, clients=6)
    day = np.datetime64("2026-01-01") + np.array([0, 5, 6, 7, 8, 9]).astype("timedelta64[D]")
    day[5] = np.datetime64("NaT")
    records = replace(records, client=np.array([0, 0, 1, 2, 3, 4]), measured_on=day)
    np.testing.assert_array_equal(find_unseen_rows(records, dt.date(2026, 1, 5)), [2, 3, 4])


def test_day_0_is_taken_as_it_is_and_loses_where_there_is_something_to_learn() -> None:
    new = learnt(toy(500, clients=400, pair=4.0))
    found, notes = compare_with_champion(
        new, Champion(STARTING_MODEL_NAME, BEGUN, THREE), CLINIC, new.records.sides.tables, 0
    )
    assert [one.figure for one in found] == ["rmse", "pair_added_r"]
    assert not any(one.is_worse for one in found)
    assert found[0].low > 0
    assert notes == []


def test_a_worse_recipe_is_found_out_on_the_same_folds() -> None:
    """The live model learnt the weight of the gap, the new one holds it at its prior."""
    records = toy(500, clients=400, pair=4.0)
    new = learnt(records, Recipe(held=frozenset({"gap"})))
    found, _ = compare_with_champion(new, champion(records, Recipe()), CLINIC, records.sides.tables, 0)
    assert found[0].is_worse
    back, _ = compare_with_champion(learnt(records), champion(records, new.recipe), CLINIC, records.sides.tables, 0)
    assert not any(one.is_worse for one in back)


def test_the_live_model_is_asked_as_it_is_about_records_it_has_not_seen() -> None:
    records = toy(600, clients=600, pair=4.0)
    days = np.sort(records.measured_on)
    early = np.flatnonzero(records.measured_on <= days[60])
    few = replace(records, client=records.client[early], therapist=records.therapist[early], y=records.y[early],
                  measured_on=records.measured_on[early], standardised_features=records.standardised_features[early])  # fmt: skip
    old = champion(few, Recipe(), days[60].astype(object))
    found, notes = compare_with_champion(learnt(records), old, CLINIC, records.sides.tables, 0)
    later = len(find_unseen_rows(records, days[60].astype(object)))
    assert [(one.figure, one.n) for one in found] == [("rmse", later), ("pair_added_r", later)]
    assert found[0].low > 0, "600 records know more than 61"
    assert notes == ["Both are made in the same way, bundle old from 61 records."]
    last = champion(records, Recipe(), days[-MIN_TEST_RECORDS].astype(object))
    nothing, notes = compare_with_champion(learnt(records), last, CLINIC, records.sides.tables, 0)
    assert nothing == []
    assert notes[-1] == f"Fewer than {MIN_TEST_RECORDS} records came after bundle old was made."


def test_a_bundle_that_does_not_say_how_it_was_made() -> None:
    records = toy(100)
    old = replace(champion(records, Recipe()), recipe=None)
    found, notes = compare_with_champion(learnt(records), old, CLINIC, records.sides.tables, 0)
    assert found == []
    assert notes == ["How bundle old was made is not known here, so it could not be made anew."]


@pytest.fixture
def against(monkeypatch: pytest.MonkeyPatch) -> list[Champion]:
    """What is live for :func:`decide_promotion`: the last of the list."""
    live: list[Champion] = []
    monkeypatch.setattr("attune_fit.training.promotion.decision.find_champion", lambda *_: live[-1])
    return live


def decided(new: ModelFitResult, name: str = "new") -> tuple[str, str]:
    decision = decide_promotion(new, name, CLINIC, new.records.sides.tables)
    return decision.what, decision.because


def test_what_agrees_and_is_not_worse_is_promoted(against: list[Champion]) -> None:
    against.append(Champion(STARTING_MODEL_NAME, BEGUN, THREE))
    what, because = decided(learnt(toy(500, clients=400, pair=4.0)))
    assert what == "promoted"
    assert because.startswith("Not worse than day 0 beyond noise on 500 records held back (rmse ")


def test_shuffled_outcomes_are_refused_in_words_that_help(against: list[Champion]) -> None:
    records = toy(500, clients=400, pair=4.0)
    against.append(Champion(STARTING_MODEL_NAME, BEGUN, THREE))
    shuffled = replace(records, y=np.random.default_rng(0).permutation(records.y))
    what, because = decided(learnt(shuffled))
    assert what == "refused"
    assert because.startswith("The outcomes of these 500 records agree with nothing the intake says (p = 0.")
    assert because.endswith("Check that ids join the right rows; with few records, wait for more. Day 0 stays live.")


def test_every_reason_of_a_refusal_is_told(against: list[Champion]) -> None:
    records = toy(500, clients=400, pair=4.0)
    adds = replace(champion(records, Recipe()), name="old")
    against.append(replace(adds, model=replace(adds.model, verdict=Verdict("adds", 0.2, 0.1, 0.3, 0.01, 500))))
    what, because = decided(learnt(records, Recipe(held=frozenset({"gap"}))))
    assert what == "refused"
    assert "Bundle old adds to the choice between therapists, this one adds nothing measurable" in because
    assert "Worse than bundle old beyond noise on 500 records held back (rmse " in because
    assert because.endswith("Bundle old stays live.")


def test_a_model_from_fewer_records_is_no_successor(against: list[Champion]) -> None:
    records = toy(500, clients=400, pair=4.0)
    old = champion(records, Recipe())
    against.append(replace(old, model=replace(old.model, n_outcomes=600)))
    assert "It rests on 500 records, bundle old on 600: are some missing?" in decided(learnt(records))[1]
    against.append(replace(old, model=replace(old.model, n_outcomes=550)))
    assert decided(learnt(records))[0] == "promoted"


def test_nothing_to_decide(against: list[Champion]) -> None:
    records = toy(500, clients=400, pair=4.0)
    against.append(champion(records, Recipe()))
    assert decided(learnt(records), "old") == ("kept", "It came out the same as the bundle that is live.")
    none = ModelFitResult(BEGUN, BEGUN, Recipe(), toy(0))
    assert decided(none) == ("kept", "There is no early alliance record to learn from; bundle old stays live.")


def test_one_client_is_no_ground(against: list[Champion]) -> None:
    against.append(Champion(STARTING_MODEL_NAME, BEGUN, THREE))
    records = toy(1, clients=1)
    one = ModelFitResult(Recipe().fit(records, np.arange(1)), BEGUN, Recipe(), records)
    assert decided(one) == ("refused", "With 1 record nothing can be held back and compared. Day 0 stays live.")
    assert format_bundle_name(STARTING_MODEL_NAME) == "day 0"
