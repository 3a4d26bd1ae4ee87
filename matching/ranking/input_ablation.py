"""Input ablation: how much each score changes when one input is made unknown."""

from __future__ import annotations

import numpy as np

from attune_fit.data.arrays import Bools, Floats, Indices
from attune_fit.features.ablated_sides import take_rows
from attune_fit.features.feature import ANY_COLUMN, PREFERENCES_TABLE, Feature
from attune_fit.features.pair_frame import PairFrame
from attune_fit.features.pairs import Pairs
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.therapist_effects import RosterEffects

InputColumns = tuple[str, ...]
WISHES = (PREFERENCES_TABLE,)


def compute_ablation_effects(
    model: AllianceModel, pairs: Pairs, effects: RosterEffects, is_wanted: Bools | None = None
) -> Floats:
    """Return the change of each score when a feature's input is known instead of unknown, in POMP.

    The ablated input is the therapist's columns that the feature reads; for a wish, the client's wishes. A column that
    several features read is removed for all of them. So this is the effect of the input, not of one part of the score.

    Parameters
    ----------
    model : AllianceModel
    pairs : Pairs
        A list of s pairs.
    effects : RosterEffects
        The therapists' effects, by the rows of the roster.
    is_wanted : array of bool, shape (p,), optional
        Features whose effects are wanted; those of the others are 0. Default: all.

    Returns
    -------
    array of shape (s, p)
        Score less the score without the input. 0 for features of the client alone.

    Notes
    -----
    One pass scores a copy of the pairs for each input, and one for the whole scores.
    """
    is_wanted = np.ones(len(model.features), dtype=bool) if is_wanted is None else is_wanted
    inputs = [find_ablated_input(one) if wanted else () for one, wanted in zip(model.features, is_wanted, strict=True)]
    copies: list[InputColumns] = [(), *sorted({*inputs} - {()})]
    scores = _score_copies(model, pairs, effects, copies)
    number_of = {columns: number for number, columns in enumerate(copies)}
    ablated = scores[np.array([number_of[columns] for columns in inputs], dtype=np.intp)]
    return np.asarray((scores[0] - ablated).T)


def find_ablated_input(feature: Feature) -> InputColumns:
    """Find the input that ablation removes for a feature: columns of ``therapists``, or :data:`PREFERENCES_TABLE`."""
    return WISHES if PREFERENCES_TABLE in feature.client or ANY_COLUMN in feature.therapist else feature.therapist


def _score_copies(model: AllianceModel, pairs: Pairs, effects: RosterEffects, copies: list[InputColumns]) -> Floats:
    """Score the pairs once for each copy, without the columns or the wishes that it names; shape (copies, s).

    The level of the client's site is left out: it is the same in every copy.
    """
    n_pairs, all_pairs = len(pairs.client_rows), np.arange(len(copies) * len(pairs.client_rows))
    hidden = [() if columns == WISHES else columns for columns in copies for _ in range(n_pairs)]
    has_wishes = np.repeat([columns != WISHES for columns in copies], n_pairs)

    def repeat(rows: Indices) -> Indices:
        return np.tile(rows, len(copies))

    sides = take_rows(pairs.sides, repeat(pairs.client_rows), repeat(pairs.therapist_rows), hidden, has_wishes)
    frame = PairFrame.from_pairs(Pairs.from_rows(sides, all_pairs, all_pairs), model.features)
    scores = model.compute_scores(frame.standardize(), effects, repeat(pairs.therapist_rows))
    return scores.reshape(len(copies), n_pairs)
