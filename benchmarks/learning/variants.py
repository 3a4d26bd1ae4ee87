"""What else the score could be, tried one change at a time: ``python -m benchmarks.learning.variants``.

Every row changes one thing of the linear layer with its therapist effects, or adds one thing to it. Trees stand apart
(the last two rows), so that a row is not charged for what they do.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import ndtri
from scipy.stats import rankdata

import attune_fit.models.family_relevance
from attune_fit.data.arrays import Floats
from attune_fit.features.catalogue import FEATURES
from attune_fit.models.active_model import load_starting_model
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.sufficient_statistics import SufficientStatistics
from attune_fit.models.trees import TreeHyperparameters
from attune_fit.models.weight_posterior import WeightDistribution, build_design_matrix, build_prior, fit_posterior
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.pipeline import Recipe
from attune_fit.training.crossfit.splits import split_records
from attune_fit.training.fitting.synthetic_weights import N_SYNTHETIC_CLINICS, fit_synthetic_weights
from attune_fit.training.fitting.tree_weight import choose_recipe, compute_stacking_weight
from benchmarks.learning.clinics import HEADLINE, clinic
from benchmarks.learning.seen import Seen
from docs.tables import markdown

PAGE = Path("docs/variants.md")
SIZES, SEEDS, FIRST_SEED = (300, 3_000), 3, 40
OCCASION = 0.25  # share of one session's variance that is of the session alone
FOLDS = 5


def fitted(
    seen: Seen, y: Floats | None = None, noise: Floats | None = None, start: WeightDistribution | None = None
) -> AllianceModel:
    """The linear layer and the therapists; by default as it is, without trees."""
    met, _ = seen.features
    believed = load_starting_model().evidence if start is None else start
    moment = np.array([feature.weight**2 + feature.spread**2 for feature in FEATURES])
    relative = 1 + np.isnan(met) @ moment / 0.9 if noise is None else noise
    sums = SufficientStatistics.from_records(
        build_design_matrix(met), seen.y if y is None else y, seen.therapist, seen.therapists, relative
    )
    return AllianceModel(FEATURES, *fit_posterior(sums, FEATURES, _ids(seen), prior=believed))


def _ids(seen: Seen) -> list[str]:
    return [str(one) for one in seen.tables.therapists["therapist_id"]]


def scores(seen: Seen, model: AllianceModel) -> Floats:
    """Of the new clients with everybody."""
    return model.compute_parts(seen.cross).score


def as_it_is(seen: Seen) -> Floats:
    """Nothing is changed."""
    return scores(seen, fitted(seen))


def published_alone(seen: Seen) -> Floats:
    """Weights start at what is published."""
    return scores(seen, fitted(seen, start=build_prior(FEATURES)))


def synthetic_alone(seen: Seen) -> Floats:
    """Weights start at what synthetic clinics need."""
    return scores(seen, fitted(seen, start=_synthetic()))


@cache
def _synthetic() -> WeightDistribution:
    start, (rows, seen) = build_prior(FEATURES), fit_synthetic_weights(FEATURES, N_SYNTHETIC_CLINICS, seed=0)
    at = np.ix_(rows + 1, rows + 1)
    mean, cov = start.mean.copy(), start.cov.copy()
    mean[rows + 1], cov[at] = seen.mean(axis=0), np.cov(seen, rowvar=False) + 0.01 * np.eye(len(rows))
    return replace(start, mean=mean, cov=cov)


def families_alike(seen: Seen) -> Floats:
    """Every family matters as much as was believed."""
    return _with_relevance(seen, 1e-4)


def families_free(seen: Seen) -> Floats:
    """Families may matter far more or less."""
    return _with_relevance(seen, 1.5)


def _with_relevance(seen: Seen, spread: float) -> Floats:
    usual, attune_fit.models.family_relevance.LOG_RELEVANCE_SD = (
        attune_fit.models.family_relevance.LOG_RELEVANCE_SD,
        spread,
    )
    try:
        return scores(seen, fitted(seen))
    finally:
        attune_fit.models.family_relevance.LOG_RELEVANCE_SD = usual


def by_sessions(seen: Seen) -> Floats:
    """A record of three sessions counts more than one of a single session."""
    sessions = seen.early["sessions"].to_numpy(float)
    return scores(seen, fitted(seen, noise=(1 - OCCASION) + OCCASION * 3 / sessions))


def normal_scores(seen: Seen) -> Floats:
    """Ordinal: only the order of ratings counts, as normal scores, so that the end of the form is no wall."""
    n = len(seen.y)
    order = ndtri((rankdata(seen.y) - 0.5) / n) if n else seen.y
    return scores(seen, fitted(seen, y=seen.y.mean() + seen.y.std() * order if n else seen.y))


def three_scales(seen: Seen) -> Floats:
    """Goal, task and bond, each with weights of its own, in equal parts."""
    parts = [seen.early[scale].fillna(seen.early["pomp"]).to_numpy(float) for scale in ("goal", "task", "bond")]
    return np.asarray(np.mean([scores(seen, fitted(seen, y=part)) for part in parts], axis=0))


def who_met_whom(seen: Seen) -> Floats:
    """Records count by one over the estimated chance that the pair met, cut off at five times the mean."""
    met, _ = seen.features
    x = np.nan_to_num(met)
    counts = np.bincount(seen.therapist, minlength=seen.therapists)
    means = np.zeros((seen.therapists, x.shape[1]))
    np.add.at(means, seen.therapist, x)
    means = (means + 20 * x.mean(axis=0)) / (counts[:, None] + 20) if len(x) else means
    pooled = np.var(x - means[seen.therapist], axis=0) + 0.05 if len(x) else np.ones(x.shape[1])
    odd = ((x - means[seen.therapist]) ** 2 / pooled - (x - x.mean(axis=0)) ** 2 / pooled).mean(axis=1) / 2
    weight = np.clip(np.exp(odd), 0.2, 5) if len(x) else np.ones(0)
    return scores(seen, fitted(seen, noise=weight.mean() / weight if len(x) else weight))


def own_problems(seen: Seen) -> Floats:
    """A track record for each therapist and problem, shrunken to what the rest says (as in TOP Match)."""
    model = fitted(seen)
    codes = seen.met.sides.build_indicators("client", "presenting_problems").to_numpy(float)
    codes = codes[:, codes.mean(axis=0) > 0.03]
    z = (codes - codes.mean(axis=0)) / codes.std(axis=0)
    met, _ = seen.features
    left = seen.y - model.compute_parts_from_features(met, _ids(seen), seen.therapist).score
    best, found = 0.0, np.zeros((seen.therapists, z.shape[1]))
    for variance in (0.05, 0.2, 0.5, 1.0):
        gain, slopes = _slopes(z[seen.client], left, seen.therapist, seen.therapists, variance)
        if gain > best:
            best, found = gain, slopes
    return np.asarray(scores(seen, model) + z[seen.rows] @ found.T)


def _slopes(z: Floats, left: Floats, therapist: Floats, therapists: int, variance: float) -> tuple[float, Floats]:
    """Each therapist's ridge regression, and the gain in marginal likelihood."""
    noise, gain, found = float(left.var()) if len(left) else 1.0, 0.0, np.zeros((therapists, z.shape[1]))
    for one in range(therapists):
        mine = therapist == one
        precision = z[mine].T @ z[mine] / noise + np.eye(z.shape[1]) / variance
        pull = z[mine].T @ left[mine] / noise
        found[one] = np.linalg.solve(precision, pull)
        gain += 0.5 * float(found[one] @ pull) - 0.5 * float(np.linalg.slogdet(precision * variance)[1])
    return gain, found


def smooth_in_style(seen: Seen) -> Floats:
    """A Gaussian process over the four wishes and the four styles, on what the linear layer leaves."""
    names = ("directiveness", "emotional_intensity", "past_focus", "warm_support")
    ours = np.stack([seen.met.sides.convert_to_numbers("client", f"{name}_preference") for name in names], axis=1)
    theirs = np.stack([seen.met.sides.convert_to_numbers("therapist", f"{name}_style") for name in names], axis=1)
    ours, theirs = (np.nan_to_num((one - np.nanmean(one, axis=0)) / np.nanstd(one, axis=0)) for one in (ours, theirs))
    x = np.concatenate([ours[seen.client], theirs[seen.therapist]], axis=1)
    rows = np.repeat(np.arange(len(seen.rows)), seen.therapists)
    new = np.concatenate([ours[seen.rows][rows], theirs[np.tile(np.arange(seen.therapists), len(seen.rows))]], axis=1)

    def said(known: Floats, left: Floats, asked: Floats) -> Floats:
        gram = np.exp(-((known[:, None] - known) ** 2).sum(axis=2) / 16)
        pull = np.linalg.solve(
            0.02 * gram + np.eye(len(known)), left
        )  # a fiftieth of the noise, as much as there can be
        return np.concatenate([0.02 * np.exp(-((part[:, None] - known) ** 2).sum(axis=2) / 16) @ pull
                               for part in np.array_split(asked, max(1, len(asked) // 500))])  # fmt: skip

    return _on_what_is_left(seen, said, x, new)


def linear_trees(seen: Seen) -> Floats:
    """LightGBM with a linear model in each leaf, on what the linear layer leaves."""
    import lightgbm

    met, cross = seen.features
    of_pair = np.array([feature.side != "client" for feature in FEATURES])

    def said(known: Floats, left: Floats, asked: Floats) -> Floats:
        growth = TreeHyperparameters()
        settings = {"num_leaves": 4, "learning_rate": growth.rate, "min_data_in_leaf": 2 * growth.least,
                    "linear_tree": True, "linear_lambda": 20.0, "verbosity": -1, "num_threads": 1}  # fmt: skip
        grown = lightgbm.train(settings, lightgbm.Dataset(known, left, params={"verbosity": -1}), growth.trees)
        return np.asarray(grown.predict(asked, num_threads=1))

    return _on_what_is_left(seen, said, met[:, of_pair], cross[:, of_pair])


def _on_what_is_left(seen: Seen, said: Callable[[Floats, Floats, Floats], Floats], x: Floats, new: Floats) -> Floats:
    """The linear layer and a share of something else, the share by predictions of clients it has not seen."""
    model, (met, _) = fitted(seen), seen.features
    left = seen.y - model.compute_parts_from_features(met, _ids(seen), seen.therapist).score
    fold = np.random.default_rng(0).permutation(int(seen.client.max()) + 1)[seen.client] % FOLDS
    output = np.zeros(len(left))
    for one in range(FOLDS):
        output[fold == one] = said(x[fold != one], left[fold != one], x[fold == one])
    share = compute_stacking_weight(left, output)
    return np.asarray(scores(seen, model) + share * seen.everyone(said(x, left, new)))


def day0_trees(seen: Seen) -> Floats:
    """The trees a clinic starts from, with the share its records leave them."""
    return _with_trees(seen, grown=False)


def own_trees(seen: Seen) -> Floats:
    """Trees grown on the clinic's records on top of these, where they help."""
    return _with_trees(seen, grown=True)


def _with_trees(seen: Seen, grown: bool) -> Floats:
    records = TrainingDataset.from_tables(seen.tables, seen.early, FEATURES)
    begun = Recipe(start=load_starting_model().learned, prior=load_starting_model().evidence)
    recipe, fallback = choose_recipe(records, split_records("client", records), begun, TreeHyperparameters())
    chosen = recipe if grown else fallback
    return scores(seen, chosen.fit(records, np.arange(len(records))))


VARIANTS: tuple[Callable[[Seen], Floats], ...] = (
    as_it_is, published_alone, synthetic_alone, families_alike, families_free, by_sessions, normal_scores, three_scales,
    who_met_whom, own_problems, smooth_in_style, linear_trees, day0_trees, own_trees,
)  # fmt: skip


def tried(seeds: int) -> pd.DataFrame:
    """Share of the oracle's gain of each variant in each clinic: maker, mix, seed, size, variant, free, capacity."""
    found = []
    for seed in range(FIRST_SEED, FIRST_SEED + seeds):
        for maker in ("simulated", "other"):
            for mix in HEADLINE:
                one = clinic(maker, mix, seed, max(SIZES))
                for size in SIZES:
                    seen = Seen(one.at(size), one.rows(size))
                    for variant in VARIANTS:
                        share = one.share(variant(seen))
                        found.append((maker, mix, seed, size, variant.__name__, share.free, share.capacity))
                print(f"{maker} {mix} {seed}", flush=True)
    return pd.DataFrame(found, columns=["maker", "mix", "seed", "size", "variant", "free", "capacity"])


def page(found: pd.DataFrame, seeds: int) -> str:
    """What each change gains over the score as it is, paired by clinic, with its 95% interval."""
    usual = found[found["variant"] == as_it_is.__name__].set_index(["maker", "mix", "seed", "size"])
    lines = []
    for variant in VARIANTS[1:]:
        mine = found[found["variant"] == variant.__name__].set_index(["maker", "mix", "seed", "size"])
        cells = []
        for maker in ("simulated", "other"):
            for size in SIZES:
                gain = mine[["free", "capacity"]].sub(usual[["free", "capacity"]])
                part = gain.xs((maker, size), level=("maker", "size"))
                half = 1.96 * part.std(ddof=1) / np.sqrt(len(part))
                cells.append(" / ".join(f"{part[name].mean():+.3f} ± {half[name]:.3f}" for name in part.columns))
        lines.append((variant.__name__.replace("_", " "), (variant.__doc__ or "").split("\n")[0], *cells))
    heads = [f"{maker}, {size:,}" for maker in ("simulated", "other") for size in SIZES]
    return f"""# What else the score could be

Written by `python -m benchmarks.learning.variants`: what one change gains over the score as it is, in shares of the
oracle's gain, free choice / under capacity, paired over {seeds * len(HEADLINE)} clinics of each maker, with 95%
intervals. What was decided, and why, stands in [decisions](decisions/README.md).

{markdown(("change", "what it is", *heads), lines)}"""


def main() -> None:
    """Try, and write the page."""
    asks = argparse.ArgumentParser(prog="python -m benchmarks.learning.variants", description=__doc__)
    asks.add_argument("--seeds", type=int, default=SEEDS, help=f"clinics of each kind (default {SEEDS})")
    seeds = asks.parse_args().seeds
    PAGE.write_text(page(tried(seeds), seeds), encoding="utf-8")
    print(f"Written: {PAGE}")


if __name__ == "__main__":
    main()
