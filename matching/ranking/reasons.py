"""Reasons and cautions for a ranking: parts of the additive score that are true of the pair, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from attune_fit.data.arrays import Bools, Floats
from attune_fit.features.feature import PREFERENCES_TABLE, Feature
from attune_fit.features.pair_frame import PairFrame
from attune_fit.features.pairs import Pairs
from attune_fit.matching.ranking.contribution_texts import describe_contribution
from attune_fit.matching.ranking.input_ablation import compute_ablation_effects
from attune_fit.matching.ranking.ranking_result import Caution, Reason, round_points
from attune_fit.models.alliance_model import AllianceModel, ScoreParts
from attune_fit.models.trees import DIRECTION_SIGNS

PairIndex = tuple[int, int]  # client, therapist

MAX_REASONS = 3
MIN_CONTRIBUTION_POMP = 0.125  # half of .01 on an item mean from 1 to 5: a smaller part is printed as .00
THERAPIST_EFFECT = "therapist_effect"  # the part of the score that belongs to no feature


@dataclass(frozen=True)
class RelativeContributions:
    """The parts of some clients' scores, each relative to the client's average candidate.

    The last axis of ``relative_contributions``, ``is_reason`` and ``is_caution`` holds the p features, then the
    therapist effect.

    Attributes
    ----------
    pairs : Pairs
        A cross.
    features : tuple of Feature, length p
    values : array of shape (n, m, p)
        The features in their own units; NaN where unknown.
    relative_contributions : array of shape (n, m, p + 1)
        What each part adds beyond the client's average candidate, in POMP. Where the client has fewer than two
        candidates, beyond a typical pair.
    is_reason, is_caution : array of bool, shape (n, m, p + 1)
        Parts that can be a reason or a caution; :meth:`from_scores` defines both.
    is_turned : array of bool, shape (p,)
        Features that act against their stated direction here, from :func:`find_turned_weights`.
    is_missing_here : array of bool, shape (n, m, p)
        Features with weight that are unknown for this therapist and known for another candidate.
    missing_sd : array of shape (p,)
        Standard deviation that an unknown feature adds to a score, in POMP.
    points_per_pomp : float
        Points of the instrument for one POMP.
    """

    pairs: Pairs
    features: tuple[Feature, ...]
    values: Floats
    relative_contributions: Floats
    is_reason: Bools
    is_caution: Bools
    is_turned: Bools
    is_missing_here: Bools
    missing_sd: Floats
    points_per_pomp: float

    @classmethod
    def from_scores(
        cls,
        model: AllianceModel,
        pairs: Pairs,
        parts: ScoreParts,
        eligible: Bools,
        is_turned: Bools,
        points_per_pomp: float,
    ) -> RelativeContributions:
        """Find which parts of the scores can be reasons or cautions.

        A part is a reason where it raises the score in three ways: relative to the average candidate, relative to a
        typical value, and relative to an unknown input (ablation). It is a caution where it lowers the score in all
        three ways. Its sentence must be true of the pair. Where the part acts against the feature's stated direction,
        the sentence has an ending that explains it (:func:`describe_contribution`). A feature whose direction is a
        promise (``keeps_direction``) is not reported against it: then only the zero of the trees is elsewhere. Features
        of the client alone are the same for every therapist, so they are neither. Where the client has a wish about a
        column, only the wish is reported, and no other feature that reads the column.

        Parameters
        ----------
        model : AllianceModel
        pairs : Pairs
            A cross.
        parts : ScoreParts
            The scores of ``pairs`` by ``model``.
        eligible : array of bool, shape (n, m)
            Which pairs are candidates.
        is_turned : array of bool, shape (p,)
            From :func:`find_turned_weights`.
        points_per_pomp : float
            Points of the instrument for one POMP.
        """
        own = parts.therapist[..., None]
        contributions = np.concatenate([model.compute_contributions(pairs), own], axis=-1)
        relative = contributions - _average_over_candidates(contributions, eligible)
        ablation = np.concatenate([compute_ablation_effects(model, pairs, parts.score), own], axis=-1)
        values = PairFrame.from_pairs(pairs, model.features).values
        known = ~np.isnan(values)
        no_wish = ~_has_wish_about(pairs, model.features)
        known_for_a_candidate = (known & eligible[..., None]).any(axis=1, keepdims=True)
        return cls(
            pairs,
            model.features,
            values,
            relative,
            (np.minimum(np.minimum(relative, contributions), ablation) > MIN_CONTRIBUTION_POMP)
            & _is_reportable(model.features, values, 1)
            & no_wish,
            (np.maximum(np.maximum(relative, contributions), ablation) < -MIN_CONTRIBUTION_POMP)
            & _is_reportable(model.features, values, -1)
            & no_wish,
            is_turned,
            ~known & known_for_a_candidate & _has_weight(model),
            np.sqrt(model.evidence.missing_value_variance),
            points_per_pomp,
        )

    def select_reasons(self, pair: PairIndex) -> tuple[Reason, ...]:
        """Select up to three reasons: the largest of each family, then the next largest of any. Sorted by size."""
        columns = sorted(
            _list_true_columns(self.is_reason[pair]), key=lambda column: -self.relative_contributions[pair][column]
        )
        largest_of_family = list({self._family(column): column for column in reversed(columns)}.values())
        others = [column for column in columns if column not in largest_of_family]
        selected = [*sorted(largest_of_family, key=columns.index), *others][:MAX_REASONS]
        return tuple(self._build_reason(pair, column) for column in sorted(selected, key=columns.index))

    def find_caution(self, pair: PairIndex) -> Caution | None:
        """Find the largest caution: a part that lowers the score, or a feature that is known only for others."""
        lowering = [
            (float(self.relative_contributions[pair][column]), column)
            for column in _list_true_columns(self.is_caution[pair])
        ]
        missing = [
            (-float(self.missing_sd[column]), column) for column in _list_true_columns(self.is_missing_here[pair])
        ]
        worst = min([*lowering, *(one for one in missing if one[0] < -MIN_CONTRIBUTION_POMP)], default=None)
        if worst is None:
            return None
        size, column = worst
        if worst in lowering:
            return Caution(
                self._name(column),
                format_sentence(self._format_clause(pair, column)),
                round_points(size * self.points_per_pomp),
            )
        return Caution(
            self._name(column), f"Unknown here, known for other candidates: {self._format_missing_input(pair, column)}."
        )

    def _build_reason(self, pair: PairIndex, column: int) -> Reason:
        size = float(self.relative_contributions[pair][column])
        return Reason(
            self._name(column),
            self._family(column),
            self._format_clause(pair, column),
            round_points(size * self.points_per_pomp),
        )

    def _format_clause(self, pair: PairIndex, column: int) -> str:
        if column < len(self.features):
            size = float(self.relative_contributions[pair][column])
            value, is_turned = float(self.values[pair][column]), bool(self.is_turned[column])
            return describe_contribution(self.features[column], value, size, is_turned=is_turned)
        direction = "higher" if self.relative_contributions[pair][column] > 0 else "lower"
        return f"rated {direction} by clients here than the model expects"

    def _format_missing_input(self, pair: PairIndex, column: int) -> str:
        """Name the columns behind a feature that are empty for the therapist."""
        feature = self.features[column]
        if PREFERENCES_TABLE in feature.client:
            return "whether wishes are met"
        empty = [name for name in feature.therapist if not self.pairs.sides.is_known("therapist", name)[pair[1]]]
        return ", ".join(empty or feature.therapist).replace("_", " ")

    def _name(self, column: int) -> str:
        return self.features[column].name if column < len(self.features) else THERAPIST_EFFECT

    def _family(self, column: int) -> str:
        return self.features[column].family if column < len(self.features) else THERAPIST_EFFECT


def format_sentence(clause: str) -> str:
    """Turn a clause into a sentence.

    >>> format_sentence("no opening now")
    'No opening now.'
    """
    return f"{clause[0].upper()}{clause[1:]}."


def _list_true_columns(flags: Bools) -> list[int]:
    return [int(column) for column in np.flatnonzero(flags)]


def _average_over_candidates(contributions: Floats, eligible: Bools) -> Floats:
    """Average over each client's candidates, shape (n, 1, p + 1); 0 (a typical pair) for fewer than two candidates."""
    count = eligible.sum(axis=1)[:, None, None]
    total = np.einsum("nmp,nm->np", contributions, eligible.astype(float))[:, None, :]
    return np.where(count > 1, total / np.maximum(count, 1), 0.0)


def _has_weight(model: AllianceModel) -> Bools:
    """Find the features of the pair that can move the score, by a weight or a tree split; shape (p,)."""
    trees = frozenset() if model.learned is None else model.learned.find_split_features()
    in_trees = np.array([name in trees for name in model.feature_names], dtype=bool)
    return np.asarray(((model.evidence.mean[1:] != 0) | in_trees) & ~model.is_client_feature)


def _has_wish_about(pairs: Pairs, features: Sequence[Feature]) -> Bools:
    """Find the features, other than wishes, that read a column the client has a wish about; shape (n, 1, p + 1)."""
    has_wish = np.zeros((len(pairs.client_rows), 1, len(features) + 1), dtype=bool)
    for column, feature in enumerate(features):
        if PREFERENCES_TABLE not in feature.client:
            for name in feature.therapist:
                has_wish[:, 0, column] |= pairs.sides.build_wish_table().has_wish_about(name, pairs.client_rows[:, 0])
    return has_wish


def _is_reportable(features: Sequence[Feature], values: Floats, sign: int) -> Bools:
    """Whether a sentence is true of the pair, and no promised direction is broken; shape (..., p + 1), last True."""
    centers = np.array([feature.center for feature in features])
    above, below = values > centers, values < centers  # no sentence at the centre, as in Feature.describe_value
    has_text_above, has_text_below = (
        np.array([bool(getattr(feature, name)) for feature in features], dtype=bool)
        for name in ("text_above", "text_below")
    )
    has_sentence = (above & has_text_above) | (below & has_text_below)
    keeps_promise = np.sign(values - centers) * sign * np.array([DIRECTION_SIGNS[f.wall] for f in features]) >= 0
    is_of_pair = np.array([feature.side != "client" for feature in features], dtype=bool)
    reportable = has_sentence & keeps_promise & is_of_pair & ~np.isnan(values)
    return np.concatenate([reportable, np.ones((*values.shape[:-1], 1), dtype=bool)], axis=-1)
