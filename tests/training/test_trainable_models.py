"""Every model that can be trained is a bundle like any other: it ranks, explains itself and meets other models."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.faults import DataFault
from attune_fit.data.reading.read_clinic import read_tables
from attune_fit.data.synthetic.simulate import simulate, write_clinic
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.matching.explaining.score_breakdown import explain_score
from attune_fit.matching.ranking.rank import rank
from attune_fit.matching.ranking.scored_roster import RosterScorer
from attune_fit.models import model_bundle
from attune_fit.models.active_model import load_active_model, load_model, load_starting_model
from attune_fit.models.active_pointer import build_bundle_path
from attune_fit.models.trees import TreeHyperparameters
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.pipeline import Recipe
from attune_fit.training.crossfit.splits import Fold
from attune_fit.training.fitting.fit_model import fit_clinic_model
from attune_fit.training.methods.model_catalogue import DEFAULT_MODEL, MODELS, ModelRow
from attune_fit.training.promotion.champion_challenger import describe_recipe, rebuild_recipe
from attune_fit.training.promotion.mlflow_tracking import TrainingRun
from attune_fit.training.train import TrainingResult, train
from tests.conftest import Attune
from tests.training.builders import toy

pytestmark = pytest.mark.usefixtures("untracked")
TRAINABLE = [name for name, row in MODELS.items() if row.is_trainable]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A synthetic clinic as written, with records enough for a verdict."""
    folder = tmp_path_factory.mktemp("drawn") / "clinic"
    write_clinic(simulate(240, 10, seed=4), folder)
    return folder


@pytest.fixture
def folder(drawn: Path, tmp_path: Path) -> Path:
    """A copy to change."""
    return Path(shutil.copytree(drawn, tmp_path / "clinic"))


def trained(folder: Path, model: str) -> TrainingResult:
    clinic = Clinic.open(folder)
    return train(clinic, read_tables(clinic), model=model)


def assert_ranks_and_explains(folder: Path, bundle: str) -> None:
    """Check that a stored bundle ranks a client, and that the terms of its scores add up."""
    clinic = Clinic.open(folder)
    tables = read_tables(clinic)
    model = load_model(clinic, tables, bundle)
    client_id = str(tables.clients["client_id"].iloc[0])
    ranking = rank(RosterScorer.from_clinic(model, clinic, tables), client_id)
    assert len(ranking.candidates) + len(ranking.excluded) == 10
    for therapist_id in tables.therapists["therapist_id"][:4]:
        breakdown = explain_score(RosterScorer.from_clinic(model, clinic, tables), client_id, str(therapist_id))
        assert sum(breakdown.parts.values()) == pytest.approx(breakdown.score, abs=1e-9, rel=0)
        assert sum(one.points for one in breakdown.addends) == pytest.approx(breakdown.score, abs=1e-9, rel=0)


@pytest.mark.parametrize("name", TRAINABLE)
def test_each_model_trains_and_its_bundle_ranks_and_explains_itself(name: str, folder: Path) -> None:
    done = trained(folder, name)
    assert done.model_name == name
    clinic = Clinic.open(folder)
    tables = read_tables(clinic)
    pairs = Pairs.cross(Sides(tables), range(5))
    stored = load_model(clinic, tables, done.bundle)
    np.testing.assert_array_equal(stored.compute_parts(pairs).score, done.model.compute_parts(pairs).score)
    np.testing.assert_array_equal(stored.compute_parts(pairs).sd, done.model.compute_parts(pairs).sd)
    assert_ranks_and_explains(folder, done.bundle)
    card = json.loads((done.folder / "card.json").read_text())
    assert card["model"] == {"name": name, "description": MODELS[name].description}
    assert card["settings"]["model"] == name
    assert f"Model `{name}`: {MODELS[name].description}." in (done.folder / "card.md").read_text()
    recipe = json.loads((done.folder / "recipe.json").read_text())
    assert recipe.get("model", DEFAULT_MODEL) == name


@pytest.mark.slow
def test_models_of_different_kinds_are_compared_with_each_other(folder: Path) -> None:
    """A champion of another kind is refitted by its own recipe, in both directions."""
    shown = []
    for name in ("attune", "lightgbm", "attune", "lightgbm", "linear"):  # here Attune's own is the linear layer alone
        done = trained(folder, name)
        card = json.loads((done.folder / "card.json").read_text())
        shown.append([one["figure"] for one in card["decision"]["compared"]])
        assert "could not be refitted" not in done.because
        assert "cannot be read" not in done.because
        clinic = Clinic.open(folder)
        (clinic.artifacts / "live.json").write_text(json.dumps({"bundle": done.bundle}))
    assert shown == [["rmse", "pair_added_r"]] * 5


def test_mlflow_gets_the_name_of_the_model(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[TrainingRun] = []
    monkeypatch.setattr(
        "attune_fit.training.promotion.run_recorder.log_training", lambda artifacts, bundle, run: runs.append(run)
    )
    trained(folder, "linear")
    assert (runs[0].params["model"], runs[0].tags["model"]) == ("linear", "linear")


def test_the_recipe_of_the_default_model_is_as_earlier_versions_wrote_it() -> None:
    """Its bundle has the same bytes, and the recipe of an earlier version means the same."""
    records = toy(20)
    description = describe_recipe(Recipe(), records)
    assert set(description) == {"until", "recipe"}
    assert set(description["recipe"]) == {"growth", "tree_weights", "held", "seed"}
    trees_alone = Recipe(growth=TreeHyperparameters(), has_linear_layer=False)
    stored = json.loads(json.dumps(describe_recipe(trees_alone, records, "lightgbm")))
    assert stored["model"] == "lightgbm"
    assert rebuild_recipe(stored["recipe"], load_starting_model()) == trees_alone
    assert rebuild_recipe(description["recipe"], load_starting_model()) == Recipe()


def test_without_a_pair_effect_lightgbm_falls_back_to_the_linear_layer(folder: Path) -> None:
    rng = np.random.default_rng(0)
    clinic = Clinic.open(folder)
    tables = read_tables(clinic)
    outcomes = tables.outcomes.assign(score=tables.outcomes["score"].to_numpy()[rng.permutation(len(tables.outcomes))])
    fit = fit_clinic_model(clinic, replace(tables, outcomes=outcomes), row=MODELS["lightgbm"])
    assert fit.model.verdict.kind == "nothing"
    assert fit.model.learned is None
    assert fit.recipe.has_linear_layer
    assert any("LightGBM" in note for note in fit.notes)


def test_a_row_for_comparison_alone_and_an_unknown_name_train_nothing(folder: Path) -> None:
    for name in ("ridge", "random_forest"):
        with pytest.raises(DataFault, match="`attune`, `linear`, `lightgbm`"):
            trained(folder, name)
    clinic = Clinic.open(folder)
    assert not clinic.artifacts.exists()
    with pytest.raises(ValueError, match="The model `ridge` serves comparison alone"):
        fit_clinic_model(clinic, read_tables(clinic), row=MODELS["ridge"])


def choose_prior_recipe(
    records: TrainingDataset, folds: Sequence[Fold], recipe: Recipe, growth: TreeHyperparameters
) -> tuple[Recipe, Recipe]:
    """Return a recipe in which every weight stays at its prior; only the therapists' effects learn."""
    prior = replace(recipe, held=frozenset(feature.name for feature in records.features))
    return prior, prior


SIXTH = ModelRow("prior", "prior", "the prior", "weights at their prior, and therapist effects", choose_prior_recipe)


def test_another_model_needs_one_row(folder: Path, monkeypatch: pytest.MonkeyPatch, attune: Attune) -> None:
    """`attune train --model` trains it and `attune rank` ranks with it."""
    monkeypatch.setitem(MODELS, SIXTH.name, SIXTH)
    assert f"{SIXTH.name} yes {SIXTH.description}" in " ".join(attune("train", "--models").output.split())
    done = attune("train", folder, "--model", SIXTH.name)
    assert done.exit_code == 0, done.output
    clinic = Clinic.open(folder)
    tables = read_tables(clinic)
    model = load_active_model(clinic, tables)
    assert f"Bundle {model.bundle} is live." in done.output
    weights, start = model.evidence, load_starting_model().evidence
    assert weights.mean[1:] / weights.unit == pytest.approx(start.mean[1:] / start.unit)
    assert model.therapists.effect.std() > 0
    assert_ranks_and_explains(folder, model.bundle)
    recipe = model_bundle.read_recipe(build_bundle_path(clinic, model.bundle))
    assert recipe is not None
    assert recipe["model"] == SIXTH.name
    ranked = attune("rank", folder, "--client", tables.clients["client_id"].iloc[0])
    assert ranked.exit_code == 0, ranked.output
    assert model.verdict.plain_sentence in " ".join(ranked.output.split())


def test_the_command_refuses_a_model_that_cannot_be_trained(folder: Path, attune: Attune) -> None:
    assert "Known: `attune`, `linear`, `lightgbm`." in attune.fails("train", folder, "--model", "ridge")
