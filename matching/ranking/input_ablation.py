"""Input ablation: how much each score changes when one input is made unknown."""

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
    """Return the change of each score when a feature's input is known instead of unknown, in POMP.

    The ablated input is the therapist's columns that the feature reads; for a wish, the client's wishes. A column that
    several features read is removed for all of them. So this is the effect of the input, not of one part of the score.

    Parameters
    ----------
    model : AllianceModel
    pairs : Pairs
        A cross.
    score : array of shape (n, m)
        The score with every input, in POMP.

    Returns
    -------
    array of shape (n, m, p)
        Score less the score without the input. 0 for features of the client alone.
    """
    tables, inputs = _select_client_tables(pairs), [find_ablated_input(feature) for feature in model.features]
    without_wishes = replace(tables, preferences=tables.preferences.iloc[:0])
    score_without_wishes = score if tables.preferences.empty else _score_pairs(model, without_wishes)
    ablated_scores = {(): score, (PREFERENCES_TABLE,): score_without_wishes}
    ablated_scores |= _score_without_inputs(model, tables, sorted({*inputs} - {*ablated_scores}))
    effects = np.zeros((*pairs.shape, len(inputs)))
    for number, columns in enumerate(inputs):
        effects[..., number] = score - ablated_scores[columns]
    return effects


def find_ablated_input(feature: Feature) -> InputColumns:
    """Find the input that ablation removes for a feature: columns of ``therapists``, or :data:`PREFERENCES_TABLE`."""
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
    """Score the pairs once for each input, with that input unknown.

    One stacked roster holds a copy for each input, so one pass scores all copies: much faster than a pass for each.
    """
    if not inputs:
        return {}
    roster = tables.therapists
    keep_no_row = np.zeros(len(roster), dtype=bool)
    empty_columns = [
        {name: roster[name].where(keep_no_row) for name in columns if name in roster} for columns in inputs
    ]
    stacked = pd.concat([roster.assign(**empty) for empty in empty_columns], ignore_index=True)
    scores = _score_pairs(model, replace(tables, therapists=stacked))
    return dict(zip(inputs, np.split(scores, len(inputs), axis=1), strict=True))


def _select_client_tables(pairs: Pairs) -> Tables:
    """Select the rows of the pairs' clients, in their order, so that rescoring costs no more than these clients."""
    tables = pairs.sides.tables
    clients = tables.clients.iloc[pairs.client_rows[:, 0]].reset_index(drop=True)
    is_theirs = tables.preferences["client_id"].isin(pd.Index(clients["client_id"]))
    return replace(tables, clients=clients, preferences=tables.preferences[is_theirs].reset_index(drop=True))
