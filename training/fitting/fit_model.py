"""Outcomes become a model, and what it says of records it was not made from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from attune_fit.data.outcomes.early_alliance import early_alliance
from attune_fit.features.catalogue import features_for
from attune_fit.features.pairs import Sides
from attune_fit.models.active_model import day0
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.feature_migration import adapted
from attune_fit.models.feature_scales import scaled
from attune_fit.models.pair_effect_verdict import Verdict
from attune_fit.models.prediction_interval import Interval
from attune_fit.training.crossfit.dataset import Records
from attune_fit.training.crossfit.out_of_fold import Predicted, predicted
from attune_fit.training.crossfit.pipeline import Made, Recipe, crossfit
from attune_fit.training.crossfit.splits import SPLITS, Fold, split
from attune_fit.training.evaluation.baselines import rivals
from attune_fit.training.evaluation.metrics import METRICS
from attune_fit.training.evaluation.pair_effect_test import verdict
from attune_fit.training.evaluation.re_pairing import Exchange, exchange
from attune_fit.training.fitting.leakage_warnings import noticed
from attune_fit.training.fitting.outcome_copies import refuse_copies
from attune_fit.training.fitting.tree_weight import with_trees
from attune_fit.training.fitting.tune import MINUTES, Tuned, own_folds, search

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables

FOLDS = 5


@dataclass(frozen=True)
class Learnt:
    """A model and all that is known of how it does.

    Attributes
    ----------
    model : AllianceModel
    begun : AllianceModel
        What the clinic starts from: day 0 over the same features. It has seen no outcome.
    recipe : Recipe
        How it was made.
    records : Records
        What it was made from; none without outcomes.
    folds : list of Fold
        By client; none where the records do not allow it.
    made : list of Made
        The recipe's models of the folds.
    on : dict of str to Predicted
        What models say of records held back, by name of :data:`attune_fit.training.crossfit.splits.SPLITS`.
    metrics : dict of str to float
        By name of :data:`attune_fit.training.evaluation.metrics.METRICS`; what could not be measured is left out.
    tuned : Tuned
        How local trees were grown when they were on trial, and what else was tried.
    notes : tuple of str
        What to look into before it is believed, see :func:`attune_fit.training.fitting.leakage_warnings.noticed`.
    """

    model: AllianceModel
    begun: AllianceModel
    recipe: Recipe
    records: Records
    folds: list[Fold] = field(default_factory=list)
    made: list[Made] = field(default_factory=list)
    on: dict[str, Predicted] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    tuned: Tuned = field(default_factory=Tuned)
    notes: tuple[str, ...] = ()


def learn(
    clinic: Clinic, tables: Tables, seed: int = 0, trials: int = 0, minutes: float = MINUTES,
    say: Callable[[str], None] = lambda _: None,
) -> Learnt:  # fmt: skip
    """Make a model from a clinic's outcomes and measure it; nothing is written but the Optuna study.

    Parameters
    ----------
    clinic, tables, seed, trials, minutes, say
        As in :func:`attune_fit.training.train.train`.
    """
    settings = clinic.config.settings
    early = early_alliance(tables, clinic.instruments)
    features = scaled(features_for(clinic.config, tables), Sides(tables))
    begun = replace(adapted(day0(), features), data_digest=tables.digest()).at_level(settings.interval)
    refuse_copies(tables, early, features)
    records = Records.of(tables, early, begun.features)
    start = Recipe(start=begun.learned, prior=begun.evidence, seed=seed)
    if not len(records):
        say("There are no early alliance records yet, so the model is the one trained on synthetic clinics.")
        return Learnt(begun, begun, start, records, notes=noticed(tables, early, records, [], {}))

    say(f"Building the features of {len(records):,} early alliance records.")
    folds = split("client", records, FOLDS, seed)
    if not folds:
        say("All records are of one client, so nothing can be measured; the published weights are moved by them.")
    tuned = search(records, own_folds(records, seed), start, trials=trials, minutes=minutes,
                   storage=clinic.artifacts / "optuna.db", say=say)  # fmt: skip
    say("Asking records held back whether trees have a place in the sum.")
    recipe, fallback = with_trees(records, folds, start, tuned.growth)
    made: list[Made] = []
    held_back, judged = predicted(records, made), Verdict("nothing", n=len(records))
    if folds:
        say("Asking whether the pair part knows anything about the choice between therapists.")
        made = crossfit(recipe, records, folds)
        held_back, met = held_out(records, made, settings.site_column)
        judged = verdict(met, len(records), seed, rivals(records, folds, met, seed))
    if judged.kind == "nothing":
        recipe = replace(fallback, held=_declared(records))
        if folds:
            made = crossfit(recipe, records, folds)
            held_back, _ = held_out(records, made, settings.site_column)

    say("Measuring.")
    on = {"client": held_back} | _on_other_splits(recipe, records, seed)
    metrics = measured(on)
    metrics.pop("pair_added_r", None)  # one name, one number: the verdict's, of the model that was on trial
    if judged.r is not None:
        metrics["pair_added_r"] = judged.r
    model = replace(
        recipe.make(records, np.arange(len(records))),
        width=Interval.calibrated(settings.interval, held_back.score, held_back.standardised),
        verdict=judged,
        instrument=str(early["instrument"].mode().iloc[0]),
        n_outcomes=len(records),
        data_digest=begun.data_digest,
    )
    notes = noticed(tables, early, records, made, metrics)
    return Learnt(model, begun, recipe, records, folds, made, on, metrics, tuned, notes)


def measured(on: dict[str, Predicted]) -> dict[str, float]:
    """Every metric on its own split; those that cannot be measured are left out."""
    values = {metric.name: metric.function(on[metric.split]) for metric in METRICS}
    return {name: float(value) for name, value in values.items() if np.isfinite(value)}


def held_out(records: Records, made: Sequence[Made], site: str) -> tuple[Predicted, Exchange]:
    """What models say of records they were not made from, and of the therapists these clients could have met."""
    said = predicted(records, made)
    met = exchange(records, made, said, site)
    said.choice[met.rows] = met.own
    return said, met


def _on_other_splits(recipe: Recipe, records: Records, seed: int) -> dict[str, Predicted]:
    """What the recipe's models say of records held back in every way but by client."""
    others = [row.name for row in SPLITS if row.name != "client"]
    return {name: predicted(records, crossfit(recipe, records, split(name, records, FOLDS, seed))) for name in others}


def _declared(records: Records) -> frozenset[str]:
    """Pair features of the clinic's own: without a verdict that they add something they stay at their prior.

    Published weights move in any case: their prior is narrow and holds them near what is known, whereas a declared
    weight has nothing to hold it but the clinic's own records.
    """
    return frozenset(row.name for row in records.features if row.family == "declared" and row.side != "client")
