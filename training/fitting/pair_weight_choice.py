"""The choice between pair weights learned from the records and the starting weights, with the verdict on what ranks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from threadpoolctl import threadpool_limits

from attune_fit.models.pair_effect_verdict import LEARNED_WEIGHTS_LABEL, STARTING_WEIGHTS_LABEL, Verdict
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.pipeline import Recipe
from attune_fit.training.crossfit.splits import Fold
from attune_fit.training.evaluation.baselines import compare_with_baselines
from attune_fit.training.evaluation.learned_gain import compute_learned_gain
from attune_fit.training.evaluation.pair_effect_test import assess_pair_effect
from attune_fit.training.fitting.crossfit_recipe import CrossFit


@dataclass(frozen=True)
class PairWeightChoice:
    """The recipe that ranks, and what was compared to choose it.

    Attributes
    ----------
    chosen : CrossFit
        The recipe of the bundle.
    tested : CrossFit
        The recipe that the verdict tested.
    rival : CrossFit
        The starting weights with levels of these records, see :func:`build_starting_weights_recipe`.
    verdict : Verdict
    """

    chosen: CrossFit
    tested: CrossFit
    rival: CrossFit
    verdict: Verdict


def choose_pair_weights(
    recipes: tuple[Recipe, Recipe, Recipe],
    records: TrainingDataset,
    folds: Sequence[Fold],
    site: str = "",
    seed: int = 0,
    report_progress: Callable[[str], None] = lambda _: None,
) -> PairWeightChoice:
    """Choose the pair weights that rank, and test them.

    Parameters
    ----------
    recipes : (Recipe, Recipe, Recipe)
        The recipe that learns, its fallback where the verdict finds no pair effect, and the rival with the starting
        weights.
    records, folds, site, seed, report_progress
        As in :func:`fit_clinic_model`.

    Returns
    -------
    PairWeightChoice
        The rival is chosen where learned weights are measurably worse: the 95% interval of the difference in r is
        below 0. The verdict is then that of the rival.
    """
    learning, fallback, starting = recipes
    tested, rival = CrossFit.from_recipes((learning, starting), records, folds, site)
    if tested.sample is None or rival.sample is None:
        chosen = CrossFit.from_folds(_hold_declared(fallback, records), records, folds, site)
        return PairWeightChoice(chosen, tested, rival, Verdict("nothing", n=len(records)))

    def test(ranked: CrossFit, other: CrossFit, label: str) -> Verdict:
        """Return the verdict on one recipe, with the other one and simpler methods on the same records."""
        if ranked.sample is None or other.sample is None:
            return Verdict("nothing", n=len(records))
        with threadpool_limits(limits=1):  # matrices are small: threads would only wait
            compared = compare_with_baselines(
                records, folds, ranked.sample, seed, report_progress, further=((label, other.sample),)
            )
        return assess_pair_effect(ranked.sample, len(records), seed, compared)

    def keep_starting_weights(learned: CrossFit) -> PairWeightChoice | None:
        """Return the choice of the rival where the learned weights are measurably worse; else None."""
        gain = compute_learned_gain(learned.sample, rival.sample, len(records))
        if gain is None or gain[2] >= 0:
            return None
        verdict = replace(test(rival, learned, LEARNED_WEIGHTS_LABEL), learned=gain)
        return PairWeightChoice(rival, rival, rival, verdict)

    if kept := keep_starting_weights(tested):
        return kept
    verdict = test(tested, rival, STARTING_WEIGHTS_LABEL)
    verdict = replace(verdict, learned=compute_learned_gain(tested.sample, rival.sample, len(records)))
    if verdict.kind != "nothing":
        return PairWeightChoice(tested, tested, rival, verdict)
    moved = CrossFit.from_folds(_hold_declared(fallback, records), records, folds, site)
    return keep_starting_weights(moved) or PairWeightChoice(moved, tested, rival, verdict)


def _hold_declared(recipe: Recipe, records: TrainingDataset) -> Recipe:
    """Return the recipe with the clinic's own pair features held at their prior.

    Published weights move in any case, because their prior is narrow. A declared weight has a wide prior, so nothing
    but the clinic's own records would decide it. A declared feature of therapists alone moves like Attune's own: the
    verdict is not about it.
    """
    declared = frozenset(row.name for row in records.features if row.family == "declared" and row.side == "pair")
    return replace(recipe, held=declared)
