"""Outcomes become a model: measured, judged, written down, and ranked with from then on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from data.outcomes import early_alliance
from data.writing import write_whole
from features.catalogue import features_for
from features.pairs import Sides
from models import bundle
from models.adapt import adapted
from models.alliance import AllianceModel
from models.interval import Interval
from models.learned import Growth
from models.live import bundle_folder, day0, make_live
from models.scales import scaled
from models.verdict import Verdict
from training.exchange import Exchange, exchange
from training.metrics import METRICS
from training.predicted import Predicted, predicted
from training.recipe import Recipe, crossfit
from training.records import Records
from training.report import report
from training.rivals import rivals
from training.splits import SPLITS, Fold, split
from training.stacking import with_trees
from training.tracking import track
from training.tune import tuned
from training.verdict import verdict

if TYPE_CHECKING:
    from data.clinic import Clinic
    from data.tables import Tables

FOLDS = 5


@dataclass(frozen=True)
class Trained:
    """What a training gave.

    Attributes
    ----------
    model : AllianceModel
    bundle : str
        Name of its bundle.
    folder : Path
        Where the bundle stands.
    verdict : Verdict
    metrics : dict of str to float
        By name of :data:`training.metrics.METRICS`; what could not be measured is left out.
    n_outcomes : int
        Early alliance records used.
    run : str
        Id of the MLflow run.
    """

    model: AllianceModel
    bundle: str
    folder: Path
    verdict: Verdict
    metrics: dict[str, float]
    n_outcomes: int
    run: str


def train(
    clinic: Clinic,
    tables: Tables,
    *,
    seed: int = 0,
    trials: int = 0,
    say: Callable[[str], None] = lambda _: None,
) -> Trained:
    """Train on a clinic's outcomes and make the result live.

    Parameters
    ----------
    clinic : Clinic
        Everything is written under its ``artifacts/``.
    tables : Tables
        As :func:`data.reading.read` gives them.
    seed : int
        Decides folds, resamples and the columns trees may read. Same data, same seed: the same bundle, byte by byte.
    trials : int
        Optuna trials; 0 uses the default growth.
    say : callable
        Told what is being done, a sentence at a time.
    """
    model, metrics, growth = _learnt(clinic, tables, seed, trials, say)
    name = bundle.name(model)
    folder = bundle_folder(clinic, name)
    bundle.save(model, folder)
    write_whole(folder / "report.md", report(model, metrics, tables))
    say("Noting the run in MLflow.")
    tags = {"bundle": name, "data": model.data_digest, "verdict": model.verdict.kind}
    settings = {"seed": seed, "trials": trials, "n_outcomes": model.n_outcomes, **asdict(growth)}
    run = track(clinic.artifacts, folder, settings, metrics, tags)
    make_live(clinic, name)
    return Trained(replace(model, bundle=name), name, folder, model.verdict, metrics, model.n_outcomes, run)


def _learnt(
    clinic: Clinic, tables: Tables, seed: int, trials: int, say: Callable[[str], None]
) -> tuple[AllianceModel, dict[str, float], Growth]:
    """The model, its figures, and how its trees were grown."""
    settings = clinic.config.settings
    early = early_alliance(tables, clinic.instruments)
    features = scaled(features_for(clinic.config, tables), Sides(tables))
    begun = replace(adapted(day0(), features), data_digest=tables.digest()).at_level(settings.interval)
    if early.empty:
        say("There are no early alliance records yet, so the model is the one trained on synthetic clinics.")
        return begun, {}, Growth()

    say(f"Building the features of {len(early):,} early alliance records.")
    records = Records.of(tables, early, begun.features)
    folds = split("client", records, FOLDS, seed)
    if not folds:
        say("All records are of one client, so nothing can be measured; the published weights are moved by them.")
    study = f"{begun.data_digest[:12]}-{seed}"
    growth = tuned(records, folds, begun.learned, trials=trials, seed=seed,
                   storage=clinic.artifacts / "optuna.db", name=study, say=say)  # fmt: skip
    say("Asking records held back whether trees have a place in the sum.")
    recipe, fallback = with_trees(records, folds, begun.learned, growth, seed)
    held_back, judged = predicted(records, []), Verdict("nothing", n=len(records))
    if folds:
        say("Asking whether the pair part knows anything about the choice between therapists.")
        held_back, met = _held_back(recipe, records, folds, settings.site_column)
        judged = verdict(met, len(records), seed, rivals(records, folds, met, seed))
    if judged.kind == "nothing":
        recipe = replace(fallback, held=_declared(records))
        if folds:
            held_back, _ = _held_back(recipe, records, folds, settings.site_column)

    say("Measuring.")
    metrics = measured(recipe, records, held_back, seed)
    metrics.pop("pair_added_r", None)  # one name, one number: the verdict's, of the model that was on trial
    if judged.r is not None:
        metrics["pair_added_r"] = judged.r
    model = replace(
        recipe.make(records, np.arange(len(records))),
        width=Interval.calibrated(settings.interval, held_back.standardised),
        verdict=judged,
        instrument=str(early["instrument"].mode().iloc[0]),
        n_outcomes=len(records),
        data_digest=begun.data_digest,
    )
    return model, metrics, growth


def measured(recipe: Recipe, records: Records, by_client: Predicted, seed: int) -> dict[str, float]:
    """Every metric on its own split; those that cannot be measured are left out."""
    on = {"client": by_client}
    for row in SPLITS:
        if row.name not in on:
            on[row.name] = predicted(records, crossfit(recipe, records, split(row.name, records, FOLDS, seed)))
    values = {metric.name: metric.function(on[metric.split]) for metric in METRICS}
    return {name: float(value) for name, value in values.items() if np.isfinite(value)}


def _held_back(recipe: Recipe, records: Records, folds: Sequence[Fold], site: str) -> tuple[Predicted, Exchange]:
    """What models say of records they were not made from, and of the therapists these clients could have met."""
    made = crossfit(recipe, records, folds)
    said = predicted(records, made)
    met = exchange(records, made, said, site)
    said.choice[met.rows] = met.own
    return said, met


def _declared(records: Records) -> frozenset[str]:
    """Pair features of the clinic's own: without a verdict that they add something they stay at their prior.

    Published weights move in any case: their prior is narrow and holds them near what is known, whereas a declared
    weight has nothing to hold it but the clinic's own records.
    """
    return frozenset(row.name for row in records.features if row.family == "declared" and row.side != "client")
