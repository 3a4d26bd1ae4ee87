"""Doubly robust value of "the first place of the list" against what was done, with its interval and its refusals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import stdtrit

from attune_fit.data.arrays import Bools, Floats, Indices
from attune_fit.training.evaluation.choice_model import ChoiceModel, ShownLists, fit_choice_model, split_by_bands
from attune_fit.training.evaluation.cluster_robust import CONFIDENCE_LEVEL

MIN_EFFECTIVE_SIZE = 50.0
MIN_EXPECTED_CHOICES = 3.0  # of a therapist at the first place: with so many, no choice at all is no chance (5%)
MAX_UNCHOSEN_SHARE = 0.05  # of the policy on therapists who were never chosen for such clients
DERIVATIVE_STEP = 1e-4

Refusal = Literal["few-lists", "small-effective-size", "never-chosen"]
REFUSALS: dict[Refusal, str] = {
    "few-lists": "there are too few lists with a rating for a model of the choice",
    "small-effective-size": f"the effective sample size is below {MIN_EFFECTIVE_SIZE:.0f}",
    "never-chosen": "therapists at the first place were never chosen for such clients",
}


@dataclass(frozen=True)
class RatedLists:
    """Lists that were shown, each with the rating of the therapist whom its client met; n lists of up to k places.

    Attributes
    ----------
    y : array of shape (n,)
        The rating, in POMP.
    lists : ShownLists
    place_probability : array of shape (n, k)
        Probability that the random order inside bands draws the therapist who was met to each place; 0 for a
        therapist who was not on the list. Where the draw is not known, 1 at the place that was seen.
    is_in_first_group : array of bool, shape (n, k)
        Places whose therapist could have been drawn to the first place.
    therapist : array of int, shape (n, k)
        Label of the therapist at each place; -1 where there is no place.
    """

    y: Floats
    lists: ShownLists
    place_probability: Floats
    is_in_first_group: Bools
    therapist: Indices

    def __len__(self) -> int:
        return len(self.y)

    def take(self, rows: Indices) -> RatedLists:
        """Return some of the lists."""
        return RatedLists(
            self.y[rows], self.lists.take(rows), self.place_probability[rows], self.is_in_first_group[rows],
            self.therapist[rows],
        )  # fmt: skip


@dataclass(frozen=True)
class ValueEstimate:
    """An estimate with the ends of its 95% interval, in POMP."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class PolicyValue:
    """The value of the first place of the list, and of what was done.

    Attributes
    ----------
    n : int
        Lists with a rating that count.
    effective_size : float
        Lists that count as much as all do after weighting; 0 without a fitted choice.
    unchosen_share : float in [0, 1]
        Share of the policy on therapists who were never chosen for such clients.
    refusal : str
        A key of :data:`REFUSALS`; empty where the records can answer.
    done : float or None
        Mean rating under what was done.
    policy, gain : ValueEstimate or None
        Of the first place, and its difference from what was done; None with a refusal.
    """

    n: int
    effective_size: float
    unchosen_share: float
    refusal: Refusal | Literal[""]
    done: float | None = None
    policy: ValueEstimate | None = None
    gain: ValueEstimate | None = None

    @property
    def has_answer(self) -> bool:
        """Whether the records can say anything about the policy."""
        return not self.refusal


@dataclass(frozen=True)
class WeightedLists:
    """Lists with the importance weight of each.

    Attributes
    ----------
    rows : array of int, shape (m,)
        Which lists: those of a kind that a choice model was fitted to.
    weight : array of shape (m,)
        Probability that the policy meets the therapist who was met, over the probability of what was done.
    place_choice : array of shape (m, k)
        Probability that the coordinator chooses each place.
    derivative : array of shape (m, q)
        Change of the weight with each coefficient of the choice models.
    influence : array of shape (m, q)
        How much each list moves each coefficient, times m.
    """

    rows: Indices
    weight: Floats
    place_choice: Floats
    derivative: Floats
    influence: Floats


def weight_lists(records: RatedLists) -> WeightedLists | None:
    """Fit the choice by place to each kind of list, and compute the weights; None if every kind has too few lists."""
    kinds = split_by_bands(records.lists)
    if not kinds:
        return None
    rows = np.concatenate(kinds)
    models = [fit_choice_model(records.lists.take(kind)) for kind in kinds]
    widths = [len(model.names) for model in models]
    n, q, k = len(rows), sum(widths), records.place_probability.shape[1]
    weight, place_choice, derivative, influence = np.zeros(n), np.zeros((n, k)), np.zeros((n, q)), np.zeros((n, q))
    first_row = first_column = 0
    for kind, model, width in zip(kinds, models, widths, strict=True):
        here = slice(first_row, first_row + len(kind))
        columns = slice(first_column, first_column + width)
        place_choice[here] = model.compute_probabilities()[:, 1:]
        weight[here] = compute_weights(records.place_probability[kind], place_choice[here])
        derivative[here, columns] = _differentiate_weights(records.place_probability[kind], model)
        influence[here, columns] = n * np.linalg.solve(model.information, model.scores.T).T
        first_row, first_column = first_row + len(kind), first_column + width
    return WeightedLists(rows, weight, place_choice, derivative, influence)


def compute_weights(place_probability: Floats, place_choice: Floats) -> Floats:
    """Compute the weight of each list: the chance of the first place over the chance of any chosen place.

    Both chances are those of the therapist who was met, over the random order inside bands; shape (n,). 0 for a
    therapist who could not be at the first place.
    """
    done = (place_probability * place_choice).sum(axis=1)
    return np.asarray(np.divide(place_probability[:, 0], done, out=np.zeros(len(done)), where=done > 0))


def estimate_policy_value(records: RatedLists, predicted_met: Floats, predicted_places: Floats) -> PolicyValue:
    r"""Estimate the value of the first place of the list, doubly robust, against what was done.

    Parameters
    ----------
    records : RatedLists
    predicted_met : array of shape (n,)
        Cross-fitted expectation of the rating with the therapist who was met, POMP: from a model that has not learned
        from this client.
    predicted_places : array of shape (n, k)
        The same with the therapist at each place; ignored where there is no place.

    Returns
    -------
    PolicyValue
        With a refusal where the effective sample size is below :data:`MIN_EFFECTIVE_SIZE`, or where a therapist of the
        policy was never chosen for such clients.

    Notes
    -----
    The value is :math:`\frac1n \sum_i \hat m_i(\pi) + \sum_i w_i (y_i - \hat m_i) / \sum_i w_i` [1]_. The weight
    :math:`w_i` is the chance of the first place over the chance of the choice, both over the logged draw. The mean of
    the predictions over the shown places of the first group estimates that over the whole group. The variance is that
    of the influence values, with the part that comes from fitting the choice and with each weight's leverage; the
    interval uses Student's t with the effective sample size less one.

    The estimate is of these therapists: their own effects are fixed, and clients are a sample. It is valid if the place
    and the recorded facts are all that both the choice and the rating depend on.

    References
    ----------
    .. [1] Dudik, Langford & Li (2011), Doubly robust policy evaluation and learning, ICML, 1097-1104.
    """
    weighted = weight_lists(records)
    if weighted is None:
        return PolicyValue(len(records), 0.0, 0.0, "few-lists")
    kept, w = records.take(weighted.rows), weighted.weight
    size = compute_effective_size(w)
    unchosen, is_never_chosen = measure_support(kept, weighted.place_choice)
    n, done = len(kept), float(kept.y.mean())
    refusal: Refusal | Literal[""] = (
        "small-effective-size" if size < MIN_EFFECTIVE_SIZE
        else "never-chosen" if is_never_chosen or unchosen > MAX_UNCHOSEN_SHARE
        else ""
    )  # fmt: skip
    if refusal:
        return PolicyValue(n, size, unchosen, refusal, done)
    residual = kept.y - predicted_met[weighted.rows]
    expected = compute_first_group_mean(kept, predicted_places[weighted.rows])
    correction = float(w @ residual / w.sum())
    centered = residual - correction
    gradient = centered @ weighted.derivative / w.sum()
    leverage = w / w.sum()  # a list with a large weight moves the correction towards its own residual
    own = expected - expected.mean() + n * leverage / (1 - leverage) * centered + weighted.influence @ gradient
    value, n_fitted = float(expected.mean()) + correction, weighted.influence.shape[1]
    return PolicyValue(
        n, size, unchosen, "", done, _build_estimate(value, own, size, n_fitted),
        _build_estimate(value - done, own - (kept.y - done), size, n_fitted),
    )  # fmt: skip


def compute_first_group_mean(records: RatedLists, predicted: Floats) -> Floats:
    """Average predictions (n, k) over the shown places whose therapist could have been first; shape (n,)."""
    share = records.is_in_first_group / records.is_in_first_group.sum(axis=1, keepdims=True)
    return np.asarray((share * np.where(records.is_in_first_group, predicted, 0.0)).sum(axis=1))


def compute_effective_size(weight: Floats) -> float:
    """Compute the effective sample size of weights (Kish): the number of equal weights with the same information.

    >>> compute_effective_size(np.array([1.0, 1.0, 0.0, 0.0]))
    2.0
    """
    squares = float((weight**2).sum())
    return float(weight.sum() ** 2 / squares) if squares > 0 else 0.0


def measure_support(records: RatedLists, place_choice: Floats) -> tuple[float, bool]:
    """Measure where the policy has no support in what was done.

    Returns
    -------
    share : float
        Of the policy on therapists who were never chosen while they could have been first.
    is_never_chosen : bool
        Whether one of them was expected to be chosen at least :data:`MIN_EXPECTED_CHOICES` times.
    """
    inside = records.is_in_first_group
    share = inside / inside.sum(axis=1, keepdims=True)
    _, label = np.unique(records.therapist[inside], return_inverse=True)
    rows, places = np.nonzero(inside)
    is_chosen = (records.lists.chosen[rows] == places + 1).astype(float)
    mass, expected, count = (np.bincount(label, values) for values in (share[inside], place_choice[inside], is_chosen))
    never = count == 0
    return float(mass[never].sum() / len(records)), bool((expected[never] >= MIN_EXPECTED_CHOICES).any())


def _differentiate_weights(place_probability: Floats, model: ChoiceModel) -> Floats:
    """Return the derivative of each weight in each coefficient, shape (n, p), by central differences."""
    columns: Sequence[Floats] = [
        (
            compute_weights(place_probability, model.compute_probabilities(model.coefficients + step)[:, 1:])
            - compute_weights(place_probability, model.compute_probabilities(model.coefficients - step)[:, 1:])
        )
        / (2 * DERIVATIVE_STEP)
        for step in DERIVATIVE_STEP * np.eye(len(model.names))
    ]
    return np.stack(columns, axis=1) if columns else np.zeros((len(place_probability), 0))


def _build_estimate(value: float, influence: Floats, size: float, n_fitted: int) -> ValueEstimate:
    """Return an estimate with its interval from the influence values of the records, shape (n,).

    ``size`` is the effective sample size, and ``n_fitted`` the number of coefficients of the choice.
    """
    n = len(influence)
    se = float(np.sqrt((influence**2).sum() / (n * (n - 1 - n_fitted))))
    half_width = float(stdtrit(max(size - 1, 1.0), (1 + CONFIDENCE_LEVEL) / 2)) * se
    return ValueEstimate(value, value - half_width, value + half_width)
