"""A model made for some features, taken over to others: what is new starts at its prior, what is off is forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from attune_fit.features.feature import Feature
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.weight_posterior import build_prior


def migrate_model(model: AllianceModel, features: Sequence[Feature]) -> AllianceModel:
    """The same model over other features.

    Parameters
    ----------
    model : AllianceModel
    features : sequence of Feature
        Those wanted, each with its centre and scale. A feature the model has keeps what it was trained with.

    Returns
    -------
    AllianceModel
        The weights that stay keep their posterior; new ones have their prior. Trees stay when every feature that some
        tree splits on stays, else they are left out: half a tree means nothing.
    """
    had = {feature.name: column for column, feature in enumerate(model.features, start=1)}
    rows = tuple(model.features[had[row.name] - 1] if row.name in had else row for row in features)
    start = build_prior(rows, unit=model.evidence.unit)
    here, there = _match_columns([row.name for row in rows], had)

    mean, cov = start.mean.copy(), start.cov.copy()
    mean[here] = model.evidence.mean[there]
    cov[np.ix_(here, here)] = model.evidence.cov[np.ix_(there, there)]
    lean = np.zeros((len(model.therapists.ids), len(rows) + 1))
    lean[:, here] = model.therapists.lean[:, there]

    evidence = replace(model.evidence, names=start.names, mean=mean, cov=cov)
    keeps = model.learned is not None and model.learned.find_split_features() <= {row.name for row in rows}
    return replace(
        model,
        features=rows,
        evidence=evidence,
        therapists=replace(model.therapists, lean=lean),
        learned=model.learned if keeps else None,
    )


def _match_columns(names: Sequence[str], had: dict[str, int]) -> tuple[list[int], list[int]]:
    """Columns that both have, here and there; the intercept is column 0 of both."""
    both = [(column, had[name]) for column, name in enumerate(names, start=1) if name in had]
    return [0, *(here for here, _ in both)], [0, *(there for _, there in both)]
