"""Clinics and models for the tests of this folder, made without reading or writing a file."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from attune_fit.data.arrays import Floats
from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.instruments import list_instruments
from attune_fit.data.clinic.settings import Config
from attune_fit.data.clinic.tables import Tables
from attune_fit.data.synthetic.simulate import simulate
from attune_fit.features.feature import Feature
from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.features.pair_frame import PairFrame
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.matching.ranking.contribution_texts import find_turned_weights
from attune_fit.matching.ranking.reason_criteria import ReasonCriteria
from attune_fit.matching.ranking.reasons import RelativeContributions
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.therapist_effects import TherapistEffects
from attune_fit.models.trees import BoostedTrees, TreeHyperparameters, fit_trees
from attune_fit.models.weight_posterior import build_prior


def opened(toml: str = "", folder: Path = Path("nowhere")) -> Clinic:
    """Open a clinic with this ``clinic.toml``, without a folder."""
    config = Config.model_validate(tomllib.loads(toml))
    return Clinic(folder, config, list_instruments(config.instruments))


def published(features: Sequence[Feature] = FEATURES) -> AllianceModel:
    """A model of the published evidence, without any outcome."""
    evidence = build_prior(features)
    return AllianceModel(tuple(features), evidence, TherapistEffects.from_prior(len(features) + 1, evidence.tau**2))


def raw(tables: Tables, features: Sequence[Feature]) -> Floats:
    """Return every feature of every pair, in its own unit."""
    return PairFrame.from_pairs(Pairs.cross(Sides(tables)), features).values


def compute_roster_contributions(model: AllianceModel, sides: Sides, client_row: int) -> RelativeContributions:
    """What the reasons of every therapist are selected from, if the whole roster are the client's candidates."""
    roster = np.arange(sides.count_rows("therapist"))
    pairs = Pairs.from_rows(sides, np.full(len(roster), client_row), roster)
    return RelativeContributions.from_candidates(
        ReasonCriteria(model, find_turned_weights(model, sides), 1.0),
        pairs,
        PairFrame.from_pairs(pairs, model.features),
        model.therapists.select_for_roster(sides.list_ids("therapist")),
        roster,
    )


@cache
def busy() -> Tables:
    """A synthetic clinic, small but with every column and many wishes."""
    return simulate(60, 15, seed=5).tables


@cache
def experienced() -> AllianceModel:
    """A model for :func:`busy` with every part of the score: trees, and effects of half the therapists."""
    model, tables = published(), busy()
    rng = np.random.default_rng(1)
    columns = np.flatnonzero(~model.is_client_feature)
    standard = model.standardize_features(Pairs.cross(Sides(tables)))[..., columns].reshape(-1, len(columns))
    names = tuple(model.feature_names[column] for column in columns)
    directions = [model.features[column].direction for column in columns]
    residual = 3 * np.nan_to_num(standard[:, names.index("avoidance_warmth")]) + rng.normal(0, 5, len(standard))
    text = fit_trees(standard, residual, directions, TreeHyperparameters(trees=20), seed=0)
    known = tables.therapists["therapist_id"].to_list()[::2]
    therapists = TherapistEffects(
        tuple(known),
        rng.normal(0, 2, len(known)),
        np.zeros((len(known), len(model.features) + 1)),
        np.full(len(known), 4.0),
        model.therapists.tau2,
    )
    return replace(model, learned=BoostedTrees(names, text, 0.5), therapists=therapists)
