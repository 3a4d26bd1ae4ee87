"""Reasons and cautions for a ranking: parts of the additive score that are true of the pair, in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from attune_fit.data.arrays import Bools, Floats, Indices
from attune_fit.features.feature import PREFERENCES_TABLE
from attune_fit.features.pair_frame import PairFrame
from attune_fit.features.pairs import Pairs
from attune_fit.matching.ranking.compared_fields import FieldPair, read_feature_fields
from attune_fit.matching.ranking.contribution_texts import describe_contribution
from attune_fit.matching.ranking.input_ablation import compute_ablation_effects
from attune_fit.matching.ranking.ranking_result import Caution, Reason, round_points
from attune_fit.matching.ranking.reason_criteria import MIN_CONTRIBUTION_POMP, ReasonCriteria
from attune_fit.models.therapist_effects import RosterEffects

MAX_REASONS = 3
THERAPIST_EFFECT = "therapist_effect"  # the part of the score that belongs to no feature


@dataclass(frozen=True)
class RelativeContributions:
    """The parts of the scores of s pairs of one client, each relative to the client's average candidate.

    The last axis of ``relative_contributions``, ``is_reason`` and ``is_caution`` holds the p features, then the
    therapist effect.

    Attributes
    ----------
    criteria : ReasonCriteria
    pairs : Pairs
        A list of s candidates of one client.
    values : array of shape (s, p)
        The features in their own units; NaN where unknown.
    relative_contributions : array of shape (s, p + 1)
        What each part adds beyond the client's average candidate, in POMP. Where the client has fewer than two
        candidates, beyond a typical pair.
    is_reason, is_caution : array of bool, shape (s, p + 1)
        Parts that can be a reason or a caution; :meth:`from_candidates` defines both.
    is_missing_here : array of bool, shape (s, p)
        Features with weight that are unknown for this therapist and known for another candidate.
    """

    criteria: ReasonCriteria
    pairs: Pairs
    values: Floats
    relative_contributions: Floats
    is_reason: Bools
    is_caution: Bools
    is_missing_here: Bools

    @classmethod
    def from_candidates(
        cls, criteria: ReasonCriteria, pairs: Pairs, frame: PairFrame, effects: RosterEffects, chosen: Indices
    ) -> RelativeContributions:
        """Find which parts of the scores of some candidates can be reasons or cautions.

        A part is a reason where it raises the score in three ways: relative to the average candidate, relative to a
        typical value, and relative to an unknown input (ablation). It is a caution where it lowers the score in all
        three ways. Its sentence must be true of the pair. Where the part acts against the feature's stated direction,
        the sentence has an ending that explains it (:func:`describe_contribution`). A feature whose direction is a
        promise (``keeps_direction``) is not reported against it: then only the zero of the trees is elsewhere. Features
        of the client alone are the same for every therapist, so they are neither. Where the client has a wish about a
        column, only the wish is reported, and no other feature that reads the column.

        Parameters
        ----------
        criteria : ReasonCriteria
        pairs : Pairs
            A list of all k candidates of one client.
        frame : PairFrame
            The model's features of ``pairs``.
        effects : RosterEffects
            Of the roster.
        chosen : array of int, shape (s,)
            Which of the k candidates.
        """
        model, average = criteria.model, np.zeros(len(criteria.features) + 1)
        contributions, mean = model.compute_contributions_and_mean(frame, chosen)
        if len(frame.values) > 1:  # of one candidate: a typical pair
            average = np.append(mean, effects.effect[pairs.therapist_rows].mean())
        known_for_a_candidate = (~np.isnan(frame.values)).any(axis=0)
        pairs = Pairs.from_rows(pairs.sides, pairs.client_rows[chosen], pairs.therapist_rows[chosen])
        frame, own = frame.take(chosen), effects.effect[pairs.therapist_rows][:, None]
        values = frame.values
        contributions = np.concatenate([contributions, own], axis=-1)
        relative = contributions - average
        has_no_wish = ~criteria.find_wished_columns(_list_wished_columns(pairs))
        raises = np.minimum(relative, contributions) > MIN_CONTRIBUTION_POMP
        lowers = np.maximum(relative, contributions) < -MIN_CONTRIBUTION_POMP
        raises &= criteria.find_reportable(values, 1) & has_no_wish
        lowers &= criteria.find_reportable(values, -1) & has_no_wish
        is_wanted = np.asarray((raises | lowers)[:, :-1].any(axis=0))
        ablation = np.concatenate([compute_ablation_effects(model, pairs, effects, is_wanted), own], axis=-1)
        return cls(
            criteria,
            pairs,
            values,
            relative,
            raises & (ablation > MIN_CONTRIBUTION_POMP),
            lowers & (ablation < -MIN_CONTRIBUTION_POMP),
            np.isnan(values) & known_for_a_candidate & criteria.has_weight,
        )

    def select_reasons(self, pair: int) -> tuple[Reason, ...]:
        """Select up to three reasons: the largest of each family, then the next largest of any. Sorted by size."""
        columns = sorted(
            _list_true_columns(self.is_reason[pair]),
            key=lambda column: -round(self.relative_contributions[pair, column], 9),
        )
        largest_of_family = list({self._family(column): column for column in reversed(columns)}.values())
        others = [column for column in columns if column not in largest_of_family]
        selected = [*sorted(largest_of_family, key=columns.index), *others][:MAX_REASONS]
        return tuple(self._build_reason(pair, column) for column in sorted(selected, key=columns.index))

    def find_caution(self, pair: int) -> Caution | None:
        """Find the largest caution: a part that lowers the score, or a feature that is known only for others."""
        lowering = [  # rounded: the order of equal parts must not depend on the order of a sum
            (round(float(self.relative_contributions[pair, column]), 9), column)
            for column in _list_true_columns(self.is_caution[pair])
        ]
        missing = [
            (-round(float(self.criteria.missing_sd[column]), 9), column)
            for column in _list_true_columns(self.is_missing_here[pair])
        ]
        worst = min([*lowering, *(one for one in missing if one[0] < -MIN_CONTRIBUTION_POMP)], default=None)
        if worst is None:
            return None
        size, column = worst
        if worst in lowering:
            caution = Caution(
                self._name(column),
                format_sentence(self._format_clause(pair, column)),
                round_points(size * self.criteria.points_per_pomp),
            )
        else:
            text = f"Unknown here, known for other candidates: {self._format_missing_input(pair, column)}."
            caution = Caution(self._name(column), text)
        return caution.attach(self._prepare_fields(pair, column))

    def _build_reason(self, pair: int, column: int) -> Reason:
        size = float(self.relative_contributions[pair, column])
        reason = Reason(
            self._name(column),
            self._family(column),
            self._format_clause(pair, column),
            round_points(size * self.criteria.points_per_pomp),
        )
        return reason.attach(self._prepare_fields(pair, column))

    def _prepare_fields(self, pair: int, column: int) -> Callable[[], tuple[FieldPair, ...]]:
        """Return a function that reads the fields behind a part; none for the therapist effect."""
        features, pairs = self.criteria.features, self.pairs
        if column >= len(features):
            return tuple
        rows = int(pairs.client_rows[pair]), int(pairs.therapist_rows[pair])
        return partial(read_feature_fields, pairs.sides, features[column], *rows)

    def _format_clause(self, pair: int, column: int) -> str:
        size, features = float(self.relative_contributions[pair, column]), self.criteria.features
        if column < len(features):
            value, is_turned = float(self.values[pair, column]), bool(self.criteria.is_turned[column])
            return describe_contribution(features[column], value, size, is_turned=is_turned)
        return f"rated {'higher' if size > 0 else 'lower'} by clients here than the model expects"

    def _format_missing_input(self, pair: int, column: int) -> str:
        """Name the columns behind a feature that are empty for the therapist."""
        feature, row = self.criteria.features[column], self.pairs.therapist_rows[pair]
        if PREFERENCES_TABLE in feature.client:
            return "whether wishes are met"
        empty = [name for name in feature.therapist if not self.pairs.sides.is_known("therapist", name)[row]]
        return ", ".join(empty or feature.therapist).replace("_", " ")

    def _name(self, column: int) -> str:
        features = self.criteria.features
        return features[column].name if column < len(features) else THERAPIST_EFFECT

    def _family(self, column: int) -> str:
        features = self.criteria.features
        return features[column].family if column < len(features) else THERAPIST_EFFECT


def format_sentence(clause: str) -> str:
    """Turn a clause into a sentence.

    >>> format_sentence("no opening now")
    'No opening now.'
    """
    return f"{clause[0].upper()}{clause[1:]}."


def _list_true_columns(flags: Bools) -> list[int]:
    return [int(column) for column in np.flatnonzero(flags)]


def _list_wished_columns(pairs: Pairs) -> frozenset[str]:
    """Return the columns of the therapists that the wishes of the pairs' client are about."""
    if not len(pairs.client_rows):
        return frozenset()
    wishes = pairs.sides.build_wish_table().list_client_wishes(int(pairs.client_rows[0]))
    return frozenset(attribute for _, attribute, *_ in wishes)
