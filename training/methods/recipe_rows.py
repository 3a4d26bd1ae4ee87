"""Models that a clinic can train and rank with: how each chooses its recipe."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from attune_fit.data.arrays import Floats, Indices
from attune_fit.features.pairs import Pairs
from attune_fit.models.active_model import load_starting_model
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.feature_migration import migrate_model
from attune_fit.models.trees import TreeHyperparameters
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.local_trees import FIRST_KIND_ONLY
from attune_fit.training.crossfit.pipeline import Recipe
from attune_fit.training.crossfit.record_scores import compute_linear_score
from attune_fit.training.crossfit.splits import Fold, split_by_group
from attune_fit.training.crossfit.variance_choice import choose_variances

# Takes the records, folds by client, the recipe that a clinic starts from, and hyperparameters of local trees. Returns
# the recipe to use, and the fallback where the verdict finds no pair effect.
RecipeChooser = Callable[[TrainingDataset, Sequence[Fold], Recipe, TreeHyperparameters], tuple[Recipe, Recipe]]
# Takes n clients with m therapists, and the pairs' features in units of their scale, (n, m, p), NaN where unknown.
# Returns scores of shape (n, m): any unit, higher is better.
PairScorer = Callable[[Pairs, Floats], Floats]
N_FOLDS = 5


def drop_linear_layer(recipe: Recipe) -> Recipe:
    """Return the recipe for trees alone: without weights that differ between therapists."""
    return replace(recipe, has_linear_layer=False)


def choose_linear_recipe(
    records: TrainingDataset, folds: Sequence[Fold], recipe: Recipe, growth: TreeHyperparameters
) -> tuple[Recipe, Recipe]:
    """Return the recipe of the linear layer with therapist effects, twice: it is its own fallback."""
    return recipe, recipe


def choose_lightgbm_recipe(
    records: TrainingDataset, folds: Sequence[Fold], recipe: Recipe, growth: TreeHyperparameters
) -> tuple[Recipe, Recipe]:
    """Return the recipe of boosted trees at weight 1, and the fallback: the linear layer.

    Between therapists only the trees and the therapists' own effects count. The client's baseline stays linear: it is
    the same for every therapist, and trees read only features that differ between therapists. Where the verdict finds
    no pair effect, trees of these records have no ground, so that the published weights rank.
    """
    fallback = replace(recipe, has_linear_layer=True)
    return replace(drop_linear_layer(recipe), growth=growth, tree_weights=FIRST_KIND_ONLY), fallback


def fit_recipe_scorer(choose: RecipeChooser, records: TrainingDataset, rows: Indices, seed: int) -> PairScorer:
    """Choose a recipe on some records, fit it to them, and return its scorer; POMP."""
    starting_model = migrate_model(load_starting_model(), records.features)
    start = Recipe(prior=starting_model.evidence, seed=seed)
    start = choose_variances(records, rows, start)
    folds = [Fold(rows[fold.train], rows[fold.test]) for fold in split_by_group(records.client[rows], N_FOLDS, seed)]
    recipe, _ = choose(records, folds, start, TreeHyperparameters())
    return build_model_scorer(recipe.fit(records, rows), records)


def build_model_scorer(model: AllianceModel, records: TrainingDataset) -> PairScorer:
    """Return the scorer of a model over the features of the records; POMP."""
    effect, _, _ = model.therapists.select_for_roster(records.therapist_ids)

    def compute_scores(pairs: Pairs, standard: Floats) -> Floats:
        score = compute_linear_score(model, standard) + effect[pairs.therapist_rows]
        return score if model.learned is None else score + model.learned.predict(model.feature_names, standard)

    return compute_scores
