"""What decides a list: how much each part of the score varies over the therapists that one client could meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from attune_fit.data.arrays import Floats, Indices
from attune_fit.features.feature import FAMILIES
from attune_fit.features.pair_frame import fill_unknown
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.models.alliance_model import AllianceModel

TREES_PART, THERAPIST_PART = "trees", "therapist effect"
MAX_CLIENTS = 300  # of the sample: a standard deviation is then accurate to a few percent
PAIR_BLOCK_SIZE = 50_000  # pairs whose features are built at once


@dataclass(frozen=True)
class ChoiceShare:
    """One part of the score, and its share of the choice between therapists.

    Attributes
    ----------
    part : str
        A family of features, the trees, or the therapists' own effects.
    sd : float
        Standard deviation over the therapists of one client, POMP: the root of the mean square over clients.
    share : float
        Covariance with the score over the variance of the score, within clients. Shares sum to 1. One below 0 is of a
        part that pulls against the others.
    """

    part: str
    sd: float
    share: float


def measure_choice_shares(
    model: AllianceModel, sides: Sides, clients: Indices | None = None
) -> tuple[ChoiceShare, ...]:
    """Measure how much each part of the score decides between the therapists of one client.

    Parameters
    ----------
    model : AllianceModel
    sides : Sides
        The clinic's tables. Every therapist is a candidate of every client: no rule is applied, because rules exclude
        therapists before any score counts.
    clients : array of int, optional
        Rows of the clients. Default: all, or :data:`MAX_CLIENTS` of them, evenly spaced.

    Returns
    -------
    tuple of ChoiceShare
        The families of the linear layer that differ between therapists, the trees if the model has them, and the
        therapists' own effects. Empty with fewer than two therapists, without clients, or if all scores are equal.
    """
    tables, n_therapists = sides.tables, len(sides.tables.therapists)
    rows = _sample_clients(len(tables.clients)) if clients is None else clients
    if n_therapists < 2 or not len(rows):
        return ()
    columns = _list_columns(model)
    names = [*columns, *([TREES_PART] if model.learned is not None else []), THERAPIST_PART]
    effect, _, _ = model.therapists.select_for_roster([str(one) for one in tables.therapists["therapist_id"]])
    products = np.zeros((len(names), len(names)))
    size = max(1, PAIR_BLOCK_SIZE // n_therapists)
    for start in range(0, len(rows), size):
        block = rows[start : start + size]
        standard = model.standardize_features(Pairs(sides, block[:, None], np.arange(n_therapists)[None, :]))
        terms = fill_unknown(standard, model.features) * model.evidence.mean[1:]
        parts = [terms[..., of_family].sum(axis=-1) for of_family in columns.values()]
        if model.learned is not None:
            parts.append(model.learned.predict(model.feature_names, standard))
        parts.append(np.broadcast_to(effect, standard.shape[:-1]))
        centered = np.stack([part - part.mean(axis=1, keepdims=True) for part in parts])
        products += np.einsum("anm,bnm->ab", centered, centered)
    return _compute_shares(names, products / (len(rows) * n_therapists))


def _list_columns(model: AllianceModel) -> dict[str, Sequence[int]]:
    """List the features that differ between therapists, by family."""
    columns = {
        family: [column for column, row in enumerate(model.features) if row.family == family and row.side != "client"]
        for family in FAMILIES
    }
    return {family: of_family for family, of_family in columns.items() if of_family}


def _sample_clients(n: int) -> Indices:
    """Return all rows, or evenly spaced ones."""
    if n <= MAX_CLIENTS:
        return np.arange(n)
    return np.linspace(0, n - 1, MAX_CLIENTS).astype(np.intp)


def _compute_shares(names: Sequence[str], covariance: Floats) -> tuple[ChoiceShare, ...]:
    """Return the shares of the parts from their covariance within clients (parts, parts)."""
    total = float(covariance.sum())
    if total <= 0:
        return ()
    sd, share = np.sqrt(np.diag(covariance)), covariance.sum(axis=1) / total
    return tuple(ChoiceShare(*row) for row in zip(names, sd.tolist(), share.tolist(), strict=True))
