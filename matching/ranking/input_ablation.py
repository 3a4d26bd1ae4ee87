"""What each input is worth to a score: how far the score falls when the input is not known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Floats
from attune_fit.data.clinic.tables import Tables
from attune_fit.features.feature import ANY_COLUMN, PREFERENCES_TABLE, Feature
from attune_fit.features.pairs import Pairs, Sides
from attune_fit.models.alliance_model import AllianceModel

InputColumns = tuple[str, ...]


def compute_ablation_effects(model: AllianceModel, pairs: Pairs, score: Floats) -> Floats:
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
    tables, inputs = _select_client_tables(pairs), [find_ablated_input(feature) for feature in model.features]
    wishless = replace(tables, preferences=tables.preferences.iloc[:0])
    unwished = score if tables.preferences.empty else _score_pairs(model, wishless)
    without = {(): score, (PREFERENCES_TABLE,): unwished}
    without |= _score_without_inputs(model, tables, sorted({*inputs} - {*without}))
    found = np.zeros((*pairs.shape, len(inputs)))
    for number, one in enumerate(inputs):
        found[..., number] = score - without[one]
    return found


def find_ablated_input(feature: Feature) -> InputColumns:
    """The input of a feature: columns of ``therapists``, or :data:`PREFERENCES_TABLE`."""
    return (
        (PREFERENCES_TABLE,)
        if PREFERENCES_TABLE in feature.client or ANY_COLUMN in feature.therapist
        else feature.therapist
    )


def _score_pairs(model: AllianceModel, tables: Tables) -> Floats:
    return model.compute_parts(Pairs.cross(Sides(tables))).score


def _score_without_inputs(
    model: AllianceModel, tables: Tables, inputs: list[InputColumns]
) -> dict[InputColumns, Floats]:
    """Scores with each of the inputs unknown.

    The roster is put below itself once for each input and scored in one pass: much quicker than one pass for each.
    """
    if not inputs:
        return {}
    roster = tables.therapists
    nobody = np.zeros(len(roster), dtype=bool)
    blank = [{name: roster[name].where(nobody) for name in one if name in roster} for one in inputs]
    stacked = pd.concat([roster.assign(**some) for some in blank], ignore_index=True)
    scores = _score_pairs(model, replace(tables, therapists=stacked))
    return dict(zip(inputs, np.split(scores, len(inputs), axis=1), strict=True))


def _select_client_tables(pairs: Pairs) -> Tables:
    """The tables with the rows of these clients only, in their order: what follows costs no more than they do."""
    tables = pairs.sides.tables
    clients = tables.clients.iloc[pairs.client_rows[:, 0]].reset_index(drop=True)
    theirs = tables.preferences["client_id"].isin(pd.Index(clients["client_id"]))
    return replace(tables, clients=clients, preferences=tables.preferences[theirs].reset_index(drop=True))
