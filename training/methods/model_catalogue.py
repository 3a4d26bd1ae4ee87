"""The catalogue of models: the one list that `attune train`, the verdict and the benchmarks read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from attune_fit.data.arrays import Indices
from attune_fit.data.fault_collector import suggest_name
from attune_fit.data.faults import DataFault
from attune_fit.models.pair_effect_verdict import STARTING_MODEL_LABEL
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.pipeline import Recipe
from attune_fit.training.methods.mixed_model import fit_mixed_model
from attune_fit.training.methods.recipe_rows import (
    PairScorer,
    RecipeChooser,
    choose_lightgbm_recipe,
    choose_linear_recipe,
    drop_linear_layer,
    fit_recipe_scorer,
)
from attune_fit.training.methods.reference_scores import (
    fit_honoured_wishes,
    fit_published_weights,
    fit_starting_model,
    fit_therapist_means,
)
from attune_fit.training.methods.ridge_regression import fit_ridge
from attune_fit.training.methods.tree_weight import choose_recipe

DEFAULT_MODEL = "attune"


def _keep_recipe(recipe: Recipe) -> Recipe:
    return recipe


@dataclass(frozen=True)
class ModelRow:
    """One row of :data:`MODELS`: a model to train and rank with, or a simpler method to compare models with.

    Attributes
    ----------
    name : str
        The name on the command line, ``attune train --model NAME``.
    title : str
        The name in the tables of the benchmarks.
    label : str
        The name used in a sentence.
    description : str
        One line for help and cards.
    choose_recipe : callable, optional
        For a model that a clinic can train and rank with, see :data:`RecipeChooser`.
    adapt_start : callable
        Takes the recipe that a clinic starts from; returns the one that this model starts from.
    grows_trees : bool
        Whether it grows local trees, so that `attune train --trials` can tune them.
    fit_scorer : callable, optional
        For a method that serves comparison alone: takes the records, the rows to learn from and a seed; returns a
        :data:`PairScorer`.
    learns : bool
        Whether outcomes change its scores.
    is_attune : bool
        Whether it is Attune, in whole or in part, and therefore no peer in the benchmarks.
    is_in_verdict : bool
        Whether the table of the verdict compares the trained model with it.
    """

    name: str
    title: str
    label: str
    description: str
    choose_recipe: RecipeChooser | None = None
    adapt_start: Callable[[Recipe], Recipe] = _keep_recipe
    grows_trees: bool = False
    fit_scorer: Callable[[TrainingDataset, Indices, int], PairScorer] | None = None
    learns: bool = True
    is_attune: bool = False
    is_in_verdict: bool = False

    @property
    def weighs_trees(self) -> bool:
        """Whether held-back records decide how far the clinic's own trees count, see :mod:`tree_weight`."""
        return self.choose_recipe is choose_recipe

    @property
    def is_trainable(self) -> bool:
        """Whether a clinic can train it and rank with it."""
        return self.choose_recipe is not None

    def fit(self, records: TrainingDataset, rows: Indices, seed: int = 0) -> PairScorer:
        """Fit the model to the records in ``rows`` and return its scorer; other records have no influence.

        Raises
        ------
        ValueError
            If the row has neither a recipe nor a scorer.
        """
        if self.fit_scorer is not None:
            return self.fit_scorer(records, rows, seed)
        if self.choose_recipe is None:
            raise ValueError(f"The row `{self.name}` of MODELS has neither choose_recipe nor fit_scorer.")
        return fit_recipe_scorer(self.choose_recipe, records, rows, seed)


_ROWS = (
    ModelRow("attune", "Attune", "Attune's own model",
             "linear layer with published priors, therapist effects, and trees if they help",
             choose_recipe, grows_trees=True, is_attune=True),
    ModelRow("linear", "linear layer", "the linear layer", "linear layer with published priors and therapist effects",
             choose_linear_recipe, is_attune=True),
    ModelRow("lightgbm", "LightGBM only", "LightGBM",
             "trees alone decide between therapists, with the therapists' own effects; the client's baseline is linear",
             choose_lightgbm_recipe, drop_linear_layer, grows_trees=True, is_attune=True, is_in_verdict=True),
    ModelRow("day0", "day 0", STARTING_MODEL_LABEL, "the starting model of a clinic without records",
             fit_scorer=fit_starting_model, learns=False, is_attune=True),
    ModelRow("wishes", "preference count", "the count of honoured wishes", "wishes honoured minus wishes not honoured",
             fit_scorer=fit_honoured_wishes, learns=False, is_in_verdict=True),
    ModelRow("published", "hand weights", "the sum of published weights", "published effects as weights",
             fit_scorer=fit_published_weights, learns=False, is_in_verdict=True),
    ModelRow("therapist_mean", "therapist mean", "the therapist's mean rating", "shrunken by one-way random effects",
             fit_scorer=fit_therapist_means, is_in_verdict=True),
    ModelRow("ridge", "ridge", "ridge regression", "pair features and therapists, alpha by cross-validation",
             fit_scorer=fit_ridge, is_in_verdict=True),
    ModelRow("mixed", "mixed model", "the mixed model",
             "14 pair features as fixed effects, a random therapist, by REML",
             fit_scorer=fit_mixed_model, is_in_verdict=True),
)  # fmt: skip

MODELS: dict[str, ModelRow] = {row.name: row for row in _ROWS}


def find_trainable_model(name: str) -> ModelRow:
    """Return the row of a model that a clinic can train and rank with.

    Raises
    ------
    DataFault
        If there is no such model, or the row serves comparison alone; the message lists the models to train.
    """
    row = MODELS.get(name)
    if row is not None and row.is_trainable:
        return row
    trainable = [one.name for one in MODELS.values() if one.is_trainable]
    fix = suggest_name(name, trainable)
    if row is None:
        raise DataFault.error("unknown-model", "attune train", "--model", f"no model `{name}`", fix=fix)
    message = f"the model `{name}` serves comparison alone"
    raise DataFault.error("model-not-trainable", "attune train", "--model", message, fix=fix)
