"""A recipe fitted on the folds of one split, with its predictions of held-out records and of re-paired therapists."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.local_trees import FIRST_KIND_ONLY
from attune_fit.training.crossfit.out_of_fold import OutOfFoldPredictions, predict_out_of_fold
from attune_fit.training.crossfit.pipeline import FoldModel, Recipe, crossfit_models, fit_ahead, hash_rows
from attune_fit.training.crossfit.splits import Fold
from attune_fit.training.evaluation.re_pairing import RePairingSample, build_re_pairing_samples


@dataclass(frozen=True)
class CrossFit:
    """A recipe, its models on the folds of one split, and their predictions of held-out records.

    Attributes
    ----------
    recipe : Recipe
    fold_models : list of FoldModel
        Empty where the split has no fold.
    predictions : OutOfFoldPredictions
    sample : RePairingSample or None
        For the verdict; None where the split has no fold.
    """

    recipe: Recipe
    fold_models: list[FoldModel]
    predictions: OutOfFoldPredictions
    sample: RePairingSample | None

    @classmethod
    def from_folds(cls, recipe: Recipe, records: TrainingDataset, folds: Sequence[Fold], site: str) -> CrossFit:
        """Fit the recipe without each fold and predict it."""
        return cls.from_recipes([recipe], records, folds, site)[0]

    @classmethod
    def from_recipes(
        cls, recipes: Sequence[Recipe], records: TrainingDataset, folds: Sequence[Fold], site: str
    ) -> list[CrossFit]:
        """Fit some recipes without each fold and predict it, in one pass over the pairs; each recipe only once."""
        rows = b"".join(hash_rows(part) for fold in folds for part in (fold.train, fold.test))
        keys: list[Hashable] = [("crossfit", recipe, id(recipe.prior), rows, site) for recipe in recipes]
        new = {key: recipe for key, recipe in zip(keys, recipes, strict=True) if not records.is_computed(key)}
        fit_ahead(records, [(recipe, fold) for recipe in new.values() for fold in folds])
        fold_models = [crossfit_models(recipe, records, folds) for recipe in new.values()]
        if folds:
            predicted: Sequence[tuple[OutOfFoldPredictions, RePairingSample | None]]
            predicted = predict_splits_with_re_pairings(records, fold_models, site)
        else:
            predicted = [(predict_out_of_fold(records, models), None) for models in fold_models]
        for (key, recipe), models, both in zip(new.items(), fold_models, predicted, strict=True):
            records.compute_once(key, partial(cls, recipe, models, *both))
        return [records.compute_once(key, partial(cls.from_folds, recipe, records, folds, site))
                for key, recipe in zip(keys, recipes, strict=True)]  # fmt: skip


def build_starting_weights_recipe(recipe: Recipe, start: Recipe, records: TrainingDataset) -> Recipe:
    """Return the rival of a recipe: the starting weights rank pairs, and the records set the levels.

    Parameters
    ----------
    recipe : Recipe
        The recipe that learns pair weights.
    start : Recipe
        What the clinic starts from: the prior whose means are the starting weights.
    records : TrainingDataset

    Returns
    -------
    Recipe
        It grows no trees, and holds the weight of every feature of the pair. The intercept, the features of clients
        alone and of therapists alone, and the therapist effects are fitted to the records. So both recipes lose the
        same by learning from a part of the records (the fold penalty), and only their pair parts differ.
    """
    held = frozenset(feature.name for feature in records.features if feature.side == "pair")
    return replace(
        recipe,
        growth=None,
        tree_weights=FIRST_KIND_ONLY,
        held=held,
        prior=start.prior,
        has_linear_layer=True,
        has_drift=False,
    )


def predict_with_re_pairings(
    records: TrainingDataset, fold_models: Sequence[FoldModel], site: str
) -> tuple[OutOfFoldPredictions, RePairingSample]:
    """Predict held-out records, and the pair part of their clients with the therapists they could have met.

    Parameters
    ----------
    records : TrainingDataset
    fold_models : sequence of FoldModel
        At least one.
    site : str
        See :func:`build_re_pairing_sample`.

    Returns
    -------
    OutOfFoldPredictions, RePairingSample
        The first with ``centered_pair_part`` for the records of the second.
    """
    return predict_splits_with_re_pairings(records, [fold_models], site)[0]


def predict_splits_with_re_pairings(
    records: TrainingDataset, splits: Sequence[Sequence[FoldModel]], site: str
) -> list[tuple[OutOfFoldPredictions, RePairingSample]]:
    """Predict as :func:`predict_with_re_pairings` by the models of several splits, in one pass over the pairs."""
    predictions = [predict_out_of_fold(records, fold_models) for fold_models in splits]
    samples, results = build_re_pairing_samples(records, splits, predictions, site), []
    for its, sample in zip(predictions, samples, strict=True):
        pair_part = its.centered_pair_part.copy()
        pair_part[sample.rows] = sample.observed_pair_part
        results.append((replace(its, centered_pair_part=pair_part), sample))
    return results
