"""Whether a search for settings of the trees changed the model: measured on held-out records, in one sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.pipeline import Recipe
from attune_fit.training.crossfit.splits import Fold
from attune_fit.training.evaluation.paired_comparison import (
    DIFFERENCE_CONFIDENCE_LEVEL,
    PairedComparison,
    compare_models,
)
from attune_fit.training.fitting.crossfit_recipe import CrossFit
from attune_fit.training.fitting.pair_weight_choice import choose_pair_weights

Recipes = tuple[Recipe, Recipe, Recipe]


@dataclass(frozen=True)
class TuningEffect:
    """What a search changed.

    Attributes
    ----------
    n_trials : int
        Finished trials, >= 1.
    comparison : PairedComparison or None
        Held-out error (rmse, POMP) with the settings that the search found, and with the default ones. Above zero the
        search helped. None where both give the same model.
    """

    n_trials: int
    comparison: PairedComparison | None = None

    @property
    def sentence(self) -> str:
        """Whether the search changed anything, with the difference and its interval.

        >>> TuningEffect(20).sentence
        'The search of 20 trials changed nothing: the default settings give the same model.'
        >>> TuningEffect(1, PairedComparison("rmse", "300 held-out records", 15.0, 15.1, 0.1, -0.1, 0.3, 300)).sentence
        'The search of 1 trial changed nothing measurable: error lower by 0.10 POMP (97.5% interval -0.10 to 0.30).'
        """
        search = f"The search of {self.n_trials} trial{'' if self.n_trials == 1 else 's'}"
        if self.comparison is None:
            return f"{search} changed nothing: the default settings give the same model."
        gain, low, high = (
            round(end, 2) + 0.0 for end in (self.comparison.gain, self.comparison.low, self.comparison.high)
        )
        result = "helped" if self.comparison.low > 0 else "harmed" if self.comparison.high < 0 else NO_EFFECT
        if gain < 0:
            gain, low, high = -gain, -high + 0.0, -low + 0.0
        direction = "higher" if self.comparison.gain < 0 else "lower"
        interval = f"{DIFFERENCE_CONFIDENCE_LEVEL:.1%} interval {low:.2f} to {high:.2f}"
        return f"{search} {result}: error {direction} by {gain:.2f} POMP ({interval})."

    def to_dict(self) -> dict[str, Any]:
        """Return the effect as the model card and ``attune train --json`` hold it; figures are None without any."""
        one = self.comparison
        figures = {
            name: None if one is None else getattr(one, name) for name in ("new", "old", "gain", "low", "high", "n")
        }
        return {"trials": self.n_trials, "sentence": self.sentence, "is_same_model": one is None, **figures}


NO_EFFECT = "changed nothing measurable"


def measure_tuning_effect(
    n_trials: int,
    chosen: CrossFit,
    found: Recipes,
    build_default: Callable[[], Recipes],
    records: TrainingDataset,
    folds: Sequence[Fold],
    site: str,
    seed: int,
) -> TuningEffect | None:
    """Measure what a search changed: the model with the settings that it found, and the one without a search.

    Parameters
    ----------
    n_trials : int
        Finished trials; with 0 there is nothing to measure.
    chosen : CrossFit
        The model of the training.
    found : tuple of Recipe
        From which it was chosen, see :func:`choose_pair_weights`.
    build_default : callable
        Returns the same recipes with the default settings.
    records, folds, site, seed
        As in :func:`choose_pair_weights`. The folds are not those of the search.

    Returns
    -------
    TuningEffect or None
        None without trials or folds.

    Notes
    -----
    The search saw the same records in other folds, so a small gain can be optimism.
    """
    if not n_trials or not folds:
        return None
    default = build_default()
    if default == found:
        return TuningEffect(n_trials)
    without_search = choose_pair_weights(default, records, folds, site, seed).chosen
    if without_search.recipe == chosen.recipe:
        return TuningEffect(n_trials)
    on = f"{len(records):,} held-out records"
    return TuningEffect(n_trials, next(compare_models(chosen.predictions, without_search.predictions, on, seed), None))
