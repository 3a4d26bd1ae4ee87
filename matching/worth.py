"""What each input is worth to a score: how far the score falls when the input is not known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.tables import Tables
from features.feature import ANY, WISHES, Feature
from features.pairs import Pairs, Sides
from models.alliance import AllianceModel

Floats = npt.NDArray[np.float64]


def worth(model: AllianceModel, pairs: Pairs, score: Floats) -> Floats:
    """Score less the score the pair would have if what a feature reads were unknown, POMP.

    The input taken away is the therapist's columns the feature reads; for a wish, the client's wishes. A column that
    several features read is taken from all of them, so this is what the input is worth, not one part of the sum.

    Parameters
    ----------
    model : AllianceModel
    pairs : Pairs
        A cross.
    score : array of shape (n, m)
        The score of the pairs as they are.

    Returns
    -------
    array of shape (n, m, p)
        0 for features of the client alone.
    """
    tables = _of_clients(pairs)
    found = np.zeros((*pairs.shape, len(model.features)))
    readers: dict[tuple[str, ...], list[int]] = {}
    for number, feature in enumerate(model.features):
        readers.setdefault(taken_away(feature), []).append(number)
    for columns, numbers in readers.items():
        if columns:
            without = Pairs.cross(Sides(without_input(tables, columns)))
            found[..., numbers] = (score - model.parts(without).score)[..., None]
    return found


def taken_away(feature: Feature) -> tuple[str, ...]:
    """The input of a feature: columns of ``therapists``, or :data:`features.feature.WISHES`."""
    return (WISHES,) if WISHES in feature.client or ANY in feature.therapist else feature.therapist


def without_input(tables: Tables, columns: tuple[str, ...]) -> Tables:
    """The same tables with these columns of the therapists all unknown, or without wishes."""
    if columns == (WISHES,):
        return replace(tables, preferences=tables.preferences.iloc[:0])
    nobody = np.zeros(len(tables.therapists), dtype=bool)
    blank = {name: tables.therapists[name].where(nobody) for name in columns if name in tables.therapists}
    return replace(tables, therapists=tables.therapists.assign(**blank))


def _of_clients(pairs: Pairs) -> Tables:
    """The tables with the rows of these clients only, in their order: what follows costs no more than they do."""
    tables = pairs.sides.tables
    clients = tables.clients.iloc[pairs.client_rows[:, 0]].reset_index(drop=True)
    theirs = tables.preferences["client_id"].isin(pd.Index(clients["client_id"]))
    return replace(tables, clients=clients, preferences=tables.preferences[theirs].reset_index(drop=True))
