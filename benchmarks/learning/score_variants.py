"""Measure alternatives to the score, one change at a time: ``python -m benchmarks.learning.score_variants``.

Every row changes one part of the linear layer with its therapist effects, or adds one part to it. Trees are separate
(the last row), so that they do not affect the other rows.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import ndtri
from scipy.stats import rankdata

import attune_fit.models.family_relevance
from attune_fit.data.arrays import Floats, Indices
from attune_fit.features.feature import Feature
from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.models.active_model import load_starting_model
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.sufficient_statistics import RecordPrecision, SufficientStatistics
from attune_fit.models.trees import TreeHyperparameters
from attune_fit.models.weight_posterior import WeightDistribution, build_design_matrix, build_prior, fit_posterior
from attune_fit.splitters import ClientFold
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.pipeline import Recipe
from attune_fit.training.crossfit.splits import split_records
from attune_fit.training.fitting.synthetic_weights import N_SYNTHETIC_CLINICS, fit_synthetic_weights
from attune_fit.training.fitting.tuning_objective import compute_stacking_weight
from attune_fit.training.methods.tree_weight import choose_recipe
from benchmarks.learning.clinic_makers import HEADLINE, draw_clinic
from benchmarks.learning.method_inputs import MethodInputs
from docs.tables import format_table

PAGE = Path("docs/variants.md")
SIZES, N_SEEDS, FIRST_SEED = (300, 3_000), 3, 40
MIXES = (*HEADLINE, "complementarity")  # opposite styles suit: against the published direction
SESSION_SHARE = 0.25  # share of one session's variance that is specific to the session
HALF_LIFE = 182.0  # days
N_FOLDS = 5


def fit_linear_layer(
    inputs: MethodInputs,
    y: Floats | None = None,
    noise: Floats | None = None,
    start: WeightDistribution | None = None,
    features: Sequence[Feature] = FEATURES,
) -> AllianceModel:
    """Fit the linear layer and the therapist effects, without trees; the defaults are those of Attune."""
    met, _ = inputs.features
    prior = load_starting_model().evidence if start is None else start
    relative = compute_unknown_noise(inputs) if noise is None else noise
    statistics = SufficientStatistics.from_records(
        build_design_matrix(met, FEATURES),
        inputs.y if y is None else y,
        inputs.therapist,
        inputs.n_therapists,
        RecordPrecision.from_noise(relative),
    )
    return AllianceModel(FEATURES, *fit_posterior(statistics, features, _list_therapist_ids(inputs), prior=prior))


def compute_unknown_noise(inputs: MethodInputs) -> Floats:
    """Compute the relative noise of each record: 1, and more for each unknown feature."""
    moment = np.array([feature.weight**2 + feature.spread**2 for feature in FEATURES])
    return np.asarray(1 + np.isnan(inputs.features[0]) @ moment / 0.9)


def _list_therapist_ids(inputs: MethodInputs) -> list[str]:
    return [str(therapist_id) for therapist_id in inputs.tables.therapists["therapist_id"]]


def score_new_clients(inputs: MethodInputs, model: AllianceModel) -> Floats:
    """Score the new clients with every therapist."""
    return model.compute_parts(inputs.cross).score


def score_unchanged(inputs: MethodInputs) -> Floats:
    """Score without any change."""
    return score_new_clients(inputs, fit_linear_layer(inputs))


def start_from_published(inputs: MethodInputs) -> Floats:
    """Prior weights from published effects alone."""
    return score_new_clients(inputs, fit_linear_layer(inputs, start=build_prior(FEATURES)))


def start_from_synthetic(inputs: MethodInputs) -> Floats:
    """Prior weights from synthetic clinics alone."""
    return score_new_clients(inputs, fit_linear_layer(inputs, start=_build_synthetic_prior()))


def keep_all_directions(inputs: MethodInputs) -> Floats:
    """No weight can have the sign against the published direction; without this change only those of wishes."""
    bounded = [replace(feature, keeps_direction=True) for feature in FEATURES]
    return score_new_clients(inputs, fit_linear_layer(inputs, features=bounded))


@cache
def _build_synthetic_prior() -> WeightDistribution:
    start, (rows, weights) = build_prior(FEATURES), fit_synthetic_weights(FEATURES, N_SYNTHETIC_CLINICS, seed=0)
    at = np.ix_(rows + 1, rows + 1)
    mean, cov = start.mean.copy(), start.cov.copy()
    mean[rows + 1], cov[at] = weights.mean(axis=0), np.cov(weights, rowvar=False) + 0.01 * np.eye(len(rows))
    return replace(start, mean=mean, cov=cov)


def fix_families(inputs: MethodInputs) -> Floats:
    """Relevance of every feature family fixed at the prior."""
    return _score_with_relevance(inputs, 1e-4)


def free_families(inputs: MethodInputs) -> Floats:
    """Relevance of feature families with a much wider prior."""
    return _score_with_relevance(inputs, 1.5)


def _score_with_relevance(inputs: MethodInputs, spread: float) -> Floats:
    usual_sd, attune_fit.models.family_relevance.LOG_RELEVANCE_SD = (
        attune_fit.models.family_relevance.LOG_RELEVANCE_SD,
        spread,
    )
    try:
        return score_new_clients(inputs, fit_linear_layer(inputs))
    finally:
        attune_fit.models.family_relevance.LOG_RELEVANCE_SD = usual_sd


def weight_by_sessions(inputs: MethodInputs) -> Floats:
    """A record of three sessions has more weight than one of a single session."""
    sessions = inputs.early["sessions"].to_numpy(float)
    return score_new_clients(inputs, fit_linear_layer(inputs, noise=(1 - SESSION_SHARE) + SESSION_SHARE * 3 / sessions))


def prefer_recent_records(inputs: MethodInputs) -> Floats:
    """A record counts half after half a year, whether the clinic changes or not."""
    measured_on = inputs.records.measured_on  # always known in these clinics
    age = (measured_on.max() - measured_on) / np.timedelta64(1, "D") if len(measured_on) else np.empty(0)
    noise = compute_unknown_noise(inputs) * 2.0 ** (age / HALF_LIFE)
    return score_new_clients(inputs, fit_linear_layer(inputs, noise=noise))


def use_normal_scores(inputs: MethodInputs) -> Floats:
    """Ordinal: ratings replaced by normal scores of their ranks, against the ceiling effect."""
    n = len(inputs.y)
    order = ndtri((rankdata(inputs.y) - 0.5) / n) if n else inputs.y
    return score_new_clients(
        inputs, fit_linear_layer(inputs, y=inputs.y.mean() + inputs.y.std() * order if n else inputs.y)
    )


def fit_three_scales(inputs: MethodInputs) -> Floats:
    """Goal, task and bond with separate weights, averaged."""
    parts = [inputs.early[scale].fillna(inputs.early["pomp"]).to_numpy(float) for scale in ("goal", "task", "bond")]
    return np.asarray(np.mean([score_new_clients(inputs, fit_linear_layer(inputs, y=part)) for part in parts], axis=0))


def weight_by_inverse_probability(inputs: MethodInputs) -> Floats:
    """Inverse probability weighting by the estimated chance that the pair met, capped at five times the mean."""
    met, _ = inputs.features
    x = np.nan_to_num(met)
    counts = np.bincount(inputs.therapist, minlength=inputs.n_therapists)
    means = np.zeros((inputs.n_therapists, x.shape[1]))
    np.add.at(means, inputs.therapist, x)
    means = (means + 20 * x.mean(axis=0)) / (counts[:, None] + 20) if len(x) else means
    pooled = np.var(x - means[inputs.therapist], axis=0) + 0.05 if len(x) else np.ones(x.shape[1])
    log_ratio = ((x - means[inputs.therapist]) ** 2 / pooled - (x - x.mean(axis=0)) ** 2 / pooled).mean(axis=1) / 2
    weight = np.clip(np.exp(log_ratio), 0.2, 5) if len(x) else np.ones(0)
    return score_new_clients(inputs, fit_linear_layer(inputs, noise=weight.mean() / weight if len(x) else weight))


def add_problem_slopes(inputs: MethodInputs) -> Floats:
    """A slope for each therapist and problem, shrunken towards the rest of the model (as in TOP Match)."""
    model = fit_linear_layer(inputs)
    codes = inputs.sides.build_indicators("client", "presenting_problems").to_numpy(float)
    codes = codes[:, codes.mean(axis=0) > 0.03]
    z = (codes - codes.mean(axis=0)) / codes.std(axis=0)
    met, _ = inputs.features
    residual = inputs.y - model.compute_parts_from_features(met, _list_therapist_ids(inputs), inputs.therapist).score
    best_gain, best_slopes = 0.0, np.zeros((inputs.n_therapists, z.shape[1]))
    for variance in (0.05, 0.2, 0.5, 1.0):
        gain, slopes = _fit_slopes(z[inputs.client], residual, inputs.therapist, inputs.n_therapists, variance)
        if gain > best_gain:
            best_gain, best_slopes = gain, slopes
    return np.asarray(score_new_clients(inputs, model) + z[inputs.client_rows] @ best_slopes.T)


def _fit_slopes(
    z: Floats, residual: Floats, therapist: Indices, therapists: int, variance: float
) -> tuple[float, Floats]:
    """Fit a ridge regression for each therapist; return the gain in marginal likelihood and the slopes."""
    noise, gain, slopes = float(residual.var()) if len(residual) else 1.0, 0.0, np.zeros((therapists, z.shape[1]))
    for row in range(therapists):
        is_own = therapist == row
        precision = z[is_own].T @ z[is_own] / noise + np.eye(z.shape[1]) / variance
        pull = z[is_own].T @ residual[is_own] / noise
        slopes[row] = np.linalg.solve(precision, pull)
        gain += 0.5 * float(slopes[row] @ pull) - 0.5 * float(np.linalg.slogdet(precision * variance)[1])
    return gain, slopes


def add_gaussian_process(inputs: MethodInputs) -> Floats:
    """A Gaussian process over four style wishes and four styles, on the residual of the linear layer."""
    names = ("directiveness", "emotional_intensity", "past_focus", "warm_support")
    client_values = np.stack(
        [inputs.sides.convert_to_numbers("client", f"{name}_preference") for name in names], axis=1
    )
    therapist_values = np.stack(
        [inputs.sides.convert_to_numbers("therapist", f"{name}_style") for name in names], axis=1
    )
    client_values, therapist_values = (
        np.nan_to_num((values - np.nanmean(values, axis=0)) / np.nanstd(values, axis=0))
        for values in (client_values, therapist_values)
    )
    x = np.concatenate([client_values[inputs.client], therapist_values[inputs.therapist]], axis=1)
    rows = np.repeat(np.arange(len(inputs.client_rows)), inputs.n_therapists)
    cross_x = np.concatenate(
        [
            client_values[inputs.client_rows][rows],
            therapist_values[np.tile(np.arange(inputs.n_therapists), len(inputs.client_rows))],
        ],
        axis=1,
    )

    def predict(train_x: Floats, residual: Floats, new_x: Floats) -> Floats:
        gram = np.exp(-((train_x[:, None] - train_x) ** 2).sum(axis=2) / 16)
        # The prior variance is a fiftieth of the noise variance, the largest plausible value.
        pull = np.linalg.solve(0.02 * gram + np.eye(len(train_x)), residual)
        return np.concatenate([0.02 * np.exp(-((part[:, None] - train_x) ** 2).sum(axis=2) / 16) @ pull
                               for part in np.array_split(new_x, max(1, len(new_x) // 500))])  # fmt: skip

    return _add_to_linear_layer(inputs, predict, x, cross_x)


def add_linear_trees(inputs: MethodInputs) -> Floats:
    """LightGBM with a linear model in each leaf, on the residual of the linear layer."""
    import lightgbm

    met, cross = inputs.features
    of_pair = np.array([feature.side != "client" for feature in FEATURES])

    def predict(train_x: Floats, residual: Floats, new_x: Floats) -> Floats:
        growth = TreeHyperparameters()
        settings = {"num_leaves": 4, "learning_rate": growth.rate, "min_data_in_leaf": 2 * growth.least,
                    "linear_tree": True, "linear_lambda": 20.0, "verbosity": -1, "num_threads": 1}  # fmt: skip
        trees = lightgbm.train(settings, lightgbm.Dataset(train_x, residual, params={"verbosity": -1}), growth.trees)
        return np.asarray(trees.predict(new_x, num_threads=1))

    return _add_to_linear_layer(inputs, predict, met[:, of_pair], cross[:, of_pair])


def _add_to_linear_layer(
    inputs: MethodInputs, predict: Callable[[Floats, Floats, Floats], Floats], x: Floats, cross_x: Floats
) -> Floats:
    """Add a second model to the linear layer; its stacking weight comes from out-of-fold predictions."""
    model, (met, _) = fit_linear_layer(inputs), inputs.features
    residual = inputs.y - model.compute_parts_from_features(met, _list_therapist_ids(inputs), inputs.therapist).score
    output = np.zeros(len(residual))
    for train, held_out in ClientFold(N_FOLDS).split(x, groups=inputs.client):
        output[held_out] = predict(x[train], residual[train], x[held_out])
    share = compute_stacking_weight(residual, output)
    return np.asarray(score_new_clients(inputs, model) + share * inputs.reshape_scores(predict(x, residual, cross_x)))


def add_own_trees(inputs: MethodInputs) -> Floats:
    """Local trees, with the weights that the stacker sets."""
    records = TrainingDataset.from_tables(inputs.tables, inputs.early, FEATURES)
    starting_recipe = Recipe(prior=load_starting_model().evidence)
    recipe, _ = choose_recipe(records, split_records("client", records), starting_recipe, TreeHyperparameters())
    return score_new_clients(inputs, recipe.fit(records, np.arange(len(records))))


UNCHANGED = "as it is"
VARIANTS: dict[str, Callable[[MethodInputs], Floats]] = {
    UNCHANGED: score_unchanged,
    "published alone": start_from_published,
    "synthetic alone": start_from_synthetic,
    "all directions": keep_all_directions,
    "families alike": fix_families,
    "families free": free_families,
    "by sessions": weight_by_sessions,
    "recent records": prefer_recent_records,
    "normal scores": use_normal_scores,
    "three scales": fit_three_scales,
    "who met whom": weight_by_inverse_probability,
    "own problems": add_problem_slopes,
    "smooth in style": add_gaussian_process,
    "linear trees": add_linear_trees,
    "own trees": add_own_trees,
}


def measure_variants(seeds: int) -> pd.DataFrame:
    """Measure the share of the oracle's gain of each variant in each clinic, free and under capacity."""
    results = []
    for seed in range(FIRST_SEED, FIRST_SEED + seeds):
        for maker in ("simulated", "other"):
            for mix in MIXES:
                clinic = draw_clinic(maker, mix, seed, max(SIZES))
                for size in SIZES:
                    inputs = MethodInputs(clinic.build_tables(size), clinic.find_rows(size))
                    for name, score in VARIANTS.items():
                        share = clinic.measure_share(score(inputs))
                        results.append((maker, mix, seed, size, name, share.free, share.capacity))
                print(f"{maker} {mix} {seed}", flush=True)
    return pd.DataFrame(results, columns=["maker", "mix", "seed", "size", "variant", "free", "capacity"])


def format_page(results: pd.DataFrame, seeds: int) -> str:
    """Format the paired gain of each change over the unchanged score, with its 95% interval."""
    unchanged = results[results["variant"] == UNCHANGED].set_index(["maker", "mix", "seed", "size"])
    rows = []
    for name, score in VARIANTS.items():
        if name == UNCHANGED:
            continue
        variant_results = results[results["variant"] == name].set_index(["maker", "mix", "seed", "size"])
        cells = []
        for maker in ("simulated", "other"):
            for size in SIZES:
                gain = variant_results[["free", "capacity"]].sub(unchanged[["free", "capacity"]])
                part = gain.xs((maker, size), level=("maker", "size"))
                half = 1.96 * part.std(ddof=1) / np.sqrt(len(part))
                cells.append(" / ".join(f"{part[column].mean():+.3f} ± {half[column]:.3f}" for column in part.columns))
        rows.append((name, (score.__doc__ or "").split("\n")[0], *cells))
    headers = [f"{maker}, {size:,}" for maker in ("simulated", "other") for size in SIZES]
    return f"""# Alternatives to the score

Written by `python -m benchmarks.learning.score_variants`: gain of one change over the unchanged score. The unit is the
share of the oracle's gain, free choice / under capacity. Differences are paired over {seeds * len(MIXES)} clinics of
each maker, with 95% intervals. [Decisions](decisions/README.md) has the reasons for each choice.

{format_table(("change", "description", *headers), rows)}"""


def main() -> None:
    """Measure all variants, and write the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.learning.score_variants", description=__doc__)
    parser.add_argument("--seeds", type=int, default=N_SEEDS, help=f"clinics of each kind (default {N_SEEDS})")
    seeds = parser.parse_args().seeds
    PAGE.write_text(format_page(measure_variants(seeds), seeds), encoding="utf-8")
    print(f"Written: {PAGE}")


if __name__ == "__main__":
    main()
