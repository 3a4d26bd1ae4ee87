"""A recipe fitted on the folds of one split, with its predictions of held-out records and of re-paired therapists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.out_of_fold import OutOfFoldPredictions, predict_out_of_fold
from attune_fit.training.crossfit.pipeline import FoldModel, Recipe, crossfit_models
from attune_fit.training.crossfit.splits import Fold
from attune_fit.training.evaluation.re_pairing import RePairingSample, build_re_pairing_sample


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
        fold_models = crossfit_models(recipe, records, folds)
        if not fold_models:
            return cls(recipe, fold_models, predict_out_of_fold(records, fold_models), None)
        return cls(recipe, fold_models, *predict_with_re_pairings(records, fold_models, site))


def build_starting_weights_recipe(recipe: Recipe, start: Recipe, records: TrainingDataset) -> Recipe:
    """Return the rival of a recipe: the starting weights and trees rank pairs, and the records set the levels.

    Parameters
    ----------
    recipe : Recipe
        The recipe that learns pair weights.
    start : Recipe
        What the clinic starts from: its trees, and the prior whose means are the starting weights.
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
        start=start.start,
        growth=None,
        share=start.share,
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
    predictions = predict_out_of_fold(records, fold_models)
    sample = build_re_pairing_sample(records, fold_models, predictions, site)
    pair_part = predictions.centered_pair_part.copy()
    pair_part[sample.rows] = sample.observed_pair_part
    return replace(predictions, centered_pair_part=pair_part), sample
