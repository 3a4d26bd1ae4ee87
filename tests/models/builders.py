"""Small clinics for the tests of this folder: three features that can be computed by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from attune_fit.data.arrays import Floats, Indices
from attune_fit.data.clinic.tables import Tables
from attune_fit.features.feature import Direction, Feature
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.dropout_model import DropoutCheck, DropoutModel
from attune_fit.models.prediction_interval import PredictionInterval
from attune_fit.models.scale_models import ScaleModels
from attune_fit.models.sufficient_statistics import RecordPrecision, SufficientStatistics
from attune_fit.models.therapist_effects import TherapistEffects
from attune_fit.models.tree_columns import build_product_name
from attune_fit.models.trees import BoostedTrees, TreeHyperparameters, fit_trees
from attune_fit.models.weight_posterior import build_design_matrix, compute_relative_noise, fit_posterior
from tests.strategies import clinic

Known = Literal["need", "gap", "skill"]


def feature(name: str, side: Literal["client", "pair", "therapist"], direction: Direction, weight: float) -> Feature:
    """One of the three features, by its side, under any name."""
    functions = {"client": need, "pair": gap, "therapist": skill}
    return Feature(
        name=name,
        family="declared",
        side=side,
        client=("need", "wish"),
        therapist=("way", "skill"),
        function=functions[side],
        direction=direction,
        center=0.0,
        scale=1.0,
        text_above=name,
        weight=weight,
        spread=0.05,
    )


def need(pairs: Pairs) -> Floats:
    return pairs.broadcast(pairs.take_client_numbers("need"))


def gap(pairs: Pairs) -> Floats:
    return pairs.broadcast(np.abs(pairs.take_client_numbers("wish") - pairs.take_therapist_numbers("way")))


def skill(pairs: Pairs) -> Floats:
    return pairs.broadcast(pairs.take_therapist_numbers("skill"))


NEED = feature("need", "client", "-", -0.1)
GAP = feature("gap", "pair", "free", 0.1)
SKILL = feature("skill", "therapist", "+", 0.05)
THREE = (NEED, GAP, SKILL)


def town(clients: int = 30, therapists: int = 6, seed: int = 0, missing: float = 0.0) -> Tables:
    """Clients and therapists with normal values of the three features; a share ``missing`` is unknown."""
    rng = np.random.default_rng(seed)

    def drawn(count: int) -> list[float]:
        values = rng.normal(size=count).round(3)
        return list(np.where(rng.random(count) < missing, np.nan, values))

    return clinic(
        {"need": drawn(clients), "wish": drawn(clients)}, {"way": drawn(therapists), "skill": drawn(therapists)}
    )


def meetings(tables: Tables, n: int, seed: int = 0) -> tuple[Pairs, Floats]:
    """Random pairs and their ratings: 75 points, 3 for each unit of gap, noise of SD 8."""
    rng = np.random.default_rng(seed)
    met = Pairs.from_rows(
        Sides(tables), rng.integers(0, len(tables.clients), n), rng.integers(0, len(tables.therapists), n)
    )
    return met, 75 + 3 * np.nan_to_num(gap(met)) + rng.normal(0, 8, n)


def sum_records(
    features: tuple[Feature, ...], standard: Floats, y: Floats, therapist: Indices, n_therapists: int
) -> SufficientStatistics:
    """The sums of some records of different clients, without level terms and drift."""
    precision = RecordPrecision.from_noise(compute_relative_noise(standard, features))
    x = build_design_matrix(standard, features)
    return SufficientStatistics.from_records(x, y, therapist, n_therapists, precision)


def learnt(tables: Tables, n: int, seed: int = 0, features: tuple[Feature, ...] = THREE) -> AllianceModel:
    """A model trained on ``n`` outcomes, without trees."""
    met, y = meetings(tables, n, seed)
    ids = tables.therapists["therapist_id"].to_list()
    standard = AllianceModel.from_published(features).standardize_features(met)
    sums = sum_records(features, standard, y, met.therapist_rows, len(ids))
    return AllianceModel(features, *fit_posterior(sums, features, ids))


def build_dropout(slope: float = 0.9) -> DropoutModel:
    """A model of dropout over the three features: two therapists have records, the first with more dropout."""
    effects = TherapistEffects(("t1", "t2"), np.array([0.5, -0.2]), np.full((2, 4), 0.1), np.array([0.04, 0.05]), 0.09)
    check = DropoutCheck(0.9, 0.5, 1.3, 0.6, 0.55, 0.65, 0.56, 0.04, 0.01, 0.07)
    mean = np.array([-1.4, 0.3, 0.4, -0.2])
    return DropoutModel(mean, 0.01 * np.eye(4), effects, -0.1, slope, 200, 40, check)


def build_scales(bond: float = 4.0, task: float = 0.0) -> ScaleModels:
    """Goal, task and bond: the contrasts rise by ``bond`` and ``task`` POMP for one unit of gap."""
    contrasts = []
    for weight in (bond, task):
        prior = AllianceModel.from_published(THREE)
        evidence = replace(prior.evidence, mean=np.array([1.0, 2.0, weight, 0.0]), sigma=8.0)
        effects = TherapistEffects(("t1", "t2"), np.array([1.0, -1.0]), np.zeros((2, 4)), np.array([1.0, 1.0]), 4.0)
        contrasts.append(replace(prior, evidence=evidence, therapists=effects))
    width = PredictionInterval()
    return ScaleModels((contrasts[0], contrasts[1]), 0.5, (width, width, width), 200)


def grow_catalogue_trees(features: Sequence[Feature], seed: int = 0, trees: int = 20) -> BoostedTrees:
    """Trees over all features that differ between therapists, and over the product of two others; some are unknown."""
    rng = np.random.default_rng(seed)
    names = [row.name for row in features if row.side != "client"]
    client, therapist = (next(row.name for row in features if row.side == side) for side in ("client", "therapist"))
    names.append(build_product_name(client, therapist))
    rows = rng.normal(size=(600, len(names)))
    y = 4 * rows[:, 0] * (rows[:, 1] > 0) + 3 * np.abs(rows[:, 2]) + 4 * rows[:, -1] + rng.normal(size=600)
    rows[rng.random(rows.shape) < 0.1] = np.nan
    text = fit_trees(rows, y, ["free"] * len(names), TreeHyperparameters(trees=trees, least=10), seed)
    return BoostedTrees(tuple(names), text, 0.5)
