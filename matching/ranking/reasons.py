"""Why therapists stand where they stand: true parts of the sum, said in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from attune_fit.data.arrays import Bools, Floats
from attune_fit.features.feature import PREFERENCES_TABLE, Feature
from attune_fit.features.pairs import PairFrame, Pairs
from attune_fit.matching.ranking.input_ablation import compute_ablation_effects
from attune_fit.matching.ranking.ranking_result import POINT_DECIMALS, Caution, Reason
from attune_fit.models.alliance_model import AllianceModel, ScoreParts
from attune_fit.models.trees import DIRECTION_SIGNS

PairIndex = tuple[int, int]  # client, therapist

MAX_REASONS = 3
MIN_CONTRIBUTION_POMP = (
    0.125  # POMP points: half of .01 on an item mean from 1 to 5; a part nobody could see printed is no reason
)
THERAPIST_EFFECT = "therapist_effect"  # the part of the sum that no feature carries


@dataclass(frozen=True)
class RelativeContributions:
    """The parts of some clients' scores, each against the client's average candidate.

    The last axis of ``parts``, ``is_reason`` and ``is_caution`` is the features, then the therapist's own effect.

    Attributes
    ----------
    pairs : Pairs
        A cross.
    features : tuple of Feature, length p
    values : array of shape (n, m, p)
        The features; NaN where unknown.
    relative_contributions : array of shape (n, m, p + 1)
        What each adds beyond the client's average candidate, POMP; beyond the typical pair where there is only one.
    is_reason, is_caution : array of bool, shape (n, m, p + 1)
        Parts that may be told: see :meth:`define_number`.
    is_missing_here : array of bool, shape (n, m, p)
        Features unknown of this therapist and known of another candidate, of those that have weight.
    missing_sd : array of shape (p,)
        Standard deviation an unknown feature brings to a score, POMP.
    points_per_pomp : float
        Points of the instrument for one POMP.
    """

    pairs: Pairs
    features: tuple[Feature, ...]
    values: Floats
    relative_contributions: Floats
    is_reason: Bools
    is_caution: Bools
    is_missing_here: Bools
    missing_sd: Floats
    points_per_pomp: float

    @classmethod
    def from_scores(
        cls, model: AllianceModel, pairs: Pairs, parts: ScoreParts, eligible: Bools, points: float
    ) -> RelativeContributions:
        """Work out what may be told.

        A part is told as a reason when it adds to the score beyond the average candidate, beyond a typical value, and
        when not knowing its input would lower the score; it is told as a caution when it takes away in all three
        ways. A feature with a direction must also act the way it states, and its sentence must be true of the pair.
        Features of the client alone set nobody apart and are never told. Where the client has a wish about a column,
        the wish is told and no other feature of that column: "is of another faith" speaks for nobody then.
        """
        own = parts.therapist[..., None]
        adds = np.concatenate([model.compute_contributions(pairs), own], axis=-1)
        beyond = adds - _average_over_candidates(adds, eligible)
        taken = np.concatenate([compute_ablation_effects(model, pairs, parts.score), own], axis=-1)
        values = PairFrame.from_pairs(pairs, model.features).values
        known = ~np.isnan(values)
        free = ~_has_wish_about(pairs, model.features)
        elsewhere = (known & eligible[..., None]).any(axis=1, keepdims=True)
        return cls(
            pairs,
            model.features,
            values,
            beyond,
            (np.minimum(np.minimum(beyond, adds), taken) > MIN_CONTRIBUTION_POMP)
            & _is_reportable(model.features, values, 1)
            & free,
            (np.maximum(np.maximum(beyond, adds), taken) < -MIN_CONTRIBUTION_POMP)
            & _is_reportable(model.features, values, -1)
            & free,
            ~known & elsewhere & _has_weight(model),
            np.sqrt(model.evidence.missing_value_variance),
            points,
        )

    def select_reasons(self, cell: PairIndex) -> tuple[Reason, ...]:
        """Up to three reasons, the largest first: one for each family, then the next largest of any."""
        found = sorted(
            _list_true_columns(self.is_reason[cell]), key=lambda column: -self.relative_contributions[cell][column]
        )
        first = list({self._family(column): column for column in reversed(found)}.values())
        others = [column for column in found if column not in first]
        chosen = [*sorted(first, key=found.index), *others][:MAX_REASONS]
        return tuple(self._build_reason(cell, column) for column in sorted(chosen, key=found.index))

    def find_caution(self, cell: PairIndex) -> Caution | None:
        """The largest of what speaks against the therapist: a part of the sum, or what is known only of others."""
        against = [
            (float(self.relative_contributions[cell][column]), column)
            for column in _list_true_columns(self.is_caution[cell])
        ]
        unclear = [
            (-float(self.missing_sd[column]), column) for column in _list_true_columns(self.is_missing_here[cell])
        ]
        worst = min([*against, *(one for one in unclear if one[0] < -MIN_CONTRIBUTION_POMP)], default=None)
        if worst is None:
            return None
        size, column = worst
        if worst in against:
            return Caution(self._name(column), format_sentence(self._format_clause(cell, column)), self._points(size))
        return Caution(
            self._name(column), f"Known of others, not known here: {self._format_missing_input(cell, column)}."
        )

    def _build_reason(self, cell: PairIndex, column: int) -> Reason:
        size = float(self.relative_contributions[cell][column])
        return Reason(self._name(column), self._family(column), self._format_clause(cell, column), self._points(size))

    def _format_clause(self, cell: PairIndex, column: int) -> str:
        if column < len(self.features):
            return self.features[column].describe_value(float(self.values[cell][column]))
        side = "above" if self.relative_contributions[cell][column] > 0 else "below"
        return f"has had ratings here {side} what the rest of the sum expects"

    def _format_missing_input(self, cell: PairIndex, column: int) -> str:
        """What a candidate's row lacks."""
        feature = self.features[column]
        if PREFERENCES_TABLE in feature.client:
            return "whether wishes are met"
        empty = [name for name in feature.therapist if not self.pairs.sides.is_known("therapist", name)[cell[1]]]
        return ", ".join(empty or feature.therapist).replace("_", " ")

    def _name(self, column: int) -> str:
        return self.features[column].name if column < len(self.features) else THERAPIST_EFFECT

    def _family(self, column: int) -> str:
        return self.features[column].family if column < len(self.features) else THERAPIST_EFFECT

    def _points(self, pomp: float) -> float:
        return round(pomp * self.points_per_pomp, POINT_DECIMALS)


def format_sentence(clause: str) -> str:
    """A clause as a sentence of its own.

    >>> format_sentence("no opening now")
    'No opening now.'
    """
    return f"{clause[0].upper()}{clause[1:]}."


def _list_true_columns(flags: Bools) -> list[int]:
    return [int(column) for column in np.flatnonzero(flags)]


def _average_over_candidates(adds: Floats, eligible: Bools) -> Floats:
    """Mean over each client's candidates, shape (n, 1, p + 1); 0, the typical pair, where there are fewer than two."""
    count = eligible.sum(axis=1)[:, None, None]
    total = np.einsum("nmp,nm->np", adds, eligible.astype(float))[:, None, :]
    return np.where(count > 1, total / np.maximum(count, 1), 0.0)


def _has_weight(model: AllianceModel) -> Bools:
    """Which features that differ between therapists move the score at all, by weight or by a tree; shape (p,)."""
    trees = frozenset() if model.learned is None else model.learned.find_split_features()
    in_trees = np.array([name in trees for name in model.feature_names], dtype=bool)
    return np.asarray(((model.evidence.mean[1:] != 0) | in_trees) & ~model.is_client_feature)


def _has_wish_about(pairs: Pairs, features: Sequence[Feature]) -> Bools:
    """Whether the client has a wish about what a feature reads, and the feature is no wish; shape (n, 1, p + 1)."""
    asked = np.zeros((len(pairs.client_rows), 1, len(features) + 1), dtype=bool)
    for column, feature in enumerate(features):
        if PREFERENCES_TABLE not in feature.client:
            for name in feature.therapist:
                asked[:, 0, column] |= pairs.sides.build_wish_table().has_wish_about(name, pairs.client_rows[:, 0])
    return asked


def _is_reportable(features: Sequence[Feature], values: Floats, sign: int) -> Bools:
    """Whether there is a true sentence and the feature acts as it states, shape (..., p + 1); the last is True."""
    centers = np.array([feature.center for feature in features])
    above, below = values > centers, values < centers  # at the centre there is nothing to say, as in Feature.sentence
    high, low = ([bool(getattr(f, side)) for f in features] for side in ("text_above", "text_below"))
    said = (above & np.array(high, dtype=bool)) | (below & np.array(low, dtype=bool))
    agrees = np.sign(values - centers) * sign * np.array([DIRECTION_SIGNS[f.direction] for f in features]) >= 0
    pair = np.array([feature.side != "client" for feature in features], dtype=bool)
    tellable = said & agrees & pair & ~np.isnan(values)
    return np.concatenate([tellable, np.ones((*values.shape[:-1], 1), dtype=bool)], axis=-1)
