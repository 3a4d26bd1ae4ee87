"""The coordinator's choice on a list: a conditional logit over places, from lists and the places that were chosen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from attune_fit.data.arrays import Bools, Floats, Indices

MAX_STEPS = 50  # of Newton's method
STEP_TOLERANCE = 1e-8
RIDGE = 1e-2  # penalty of a coefficient's square: finite estimates where a place was never chosen, or always
MIN_LISTS_OF_A_KIND = 30  # with bands, and without: fewer cannot be fitted by themselves


@dataclass(frozen=True)
class ShownLists:
    """The places of n lists as they were shown.

    Attributes
    ----------
    is_place : array of bool, shape (n, k)
        Whether the list has this place.
    band : array of int, shape (n, k)
        Band of each place, 1 is the first; 0 where it was not recorded, and where there is no place.
    chosen : array of int, shape (n,)
        Place of the therapist whom the client met, from 1; 0 for a therapist who was not on the list.
    """

    is_place: Bools
    band: Indices
    chosen: Indices

    @cached_property
    def has_bands(self) -> Bools:
        """Whether the bands of each list were recorded, shape (n,)."""
        return np.asarray(self.band[:, 0] > 0)

    def take(self, rows: Indices) -> ShownLists:
        """Return some of the lists."""
        return ShownLists(self.is_place[rows], self.band[rows], self.chosen[rows])


@dataclass(frozen=True)
class ChoiceModel:
    """A fitted conditional logit; the first alternative is a therapist who is not on the list.

    Attributes
    ----------
    names : tuple of str, length p
    coefficients : array of shape (p,)
        Log odds.
    design : array of shape (n, 1 + k, p)
    is_open : array of bool, shape (n, 1 + k)
        Which alternatives each list has.
    chosen : array of int, shape (n,)
        Number of the alternative that was chosen.
    """

    names: tuple[str, ...]
    coefficients: Floats
    design: Floats
    is_open: Bools
    chosen: Indices

    def compute_probabilities(self, coefficients: Floats | None = None) -> Floats:
        """Compute the probability of each alternative, shape (n, 1 + k); with other coefficients if given."""
        return _compute_softmax(self.design, self.is_open, self.coefficients if coefficients is None else coefficients)

    @cached_property
    def scores(self) -> Floats:
        """Gradient of each list's log likelihood in the coefficients, shape (n, p)."""
        expected = np.einsum("nk,nkp->np", self.compute_probabilities(), self.design)
        return np.asarray(self.design[np.arange(len(self.chosen)), self.chosen] - expected)

    @cached_property
    def information(self) -> Floats:
        """Information of all lists with the ridge penalty, shape (p, p)."""
        return _compute_information(self.design, self.compute_probabilities())


def fit_choice_model(lists: ShownLists) -> ChoiceModel:
    """Fit which place of a list is chosen: whether it is the first, the logarithm of its number, the first band.

    Parameters
    ----------
    lists : ShownLists
        All with recorded bands, or all without: see :func:`split_by_bands`.

    Returns
    -------
    ChoiceModel
        With a coefficient for a therapist who is not on the list, if there is such a choice.

    Notes
    -----
    McFadden (1974), Conditional logit analysis of qualitative choice behavior. The place alone decides, so the model
    cannot follow what the coordinator knows of the people.
    """
    n, k = lists.is_place.shape
    place = np.arange(1, k + 1)
    has_others = bool((lists.chosen == 0).any())
    columns = {
        "not on the list": np.zeros((n, k)),
        "first place": np.broadcast_to(place == 1, (n, k)),
        "log of the place": np.broadcast_to(np.log(place), (n, k)),
        "first band": lists.band == 1,
    }
    design = np.zeros((n, 1 + k, len(columns)))
    design[:, 1:] = np.stack([column.astype(float) for column in columns.values()], axis=-1)
    design[:, 0, 0] = 1.0
    is_open = np.concatenate([np.full((n, 1), has_others), lists.is_place], axis=1)
    design = np.where(is_open[..., None], design, 0.0)
    can_vary = _vary_within_lists(design, is_open)
    names = tuple(name for name, varies in zip(columns, can_vary, strict=True) if varies)
    design = design[..., can_vary]
    coefficients = _maximize(design, is_open, lists.chosen)
    return ChoiceModel(names, coefficients, design, is_open, lists.chosen)


def split_by_bands(lists: ShownLists) -> list[Indices]:
    """Split lists into those with recorded bands and those without: each kind needs a choice model of its own.

    A kind with fewer than :data:`MIN_LISTS_OF_A_KIND` lists is left out.

    Returns
    -------
    list of arrays of int
        The lists of each kind.
    """
    kinds = [np.flatnonzero(lists.has_bands), np.flatnonzero(~lists.has_bands)]
    return [rows for rows in kinds if len(rows) >= MIN_LISTS_OF_A_KIND]


def _vary_within_lists(design: Floats, is_open: Bools) -> Bools:
    """Return which columns differ between the alternatives of at least one list, shape (p,)."""
    high = np.where(is_open[..., None], design, -np.inf).max(axis=1)
    low = np.where(is_open[..., None], design, np.inf).min(axis=1)
    return np.asarray((high > low).any(axis=0))


def _maximize(design: Floats, is_open: Bools, chosen: Indices) -> Floats:
    """Return the coefficients of the largest penalised likelihood, by Newton's method; steps are at most 2."""
    coefficients = np.zeros(design.shape[-1])
    observed = design[np.arange(len(chosen)), chosen].sum(axis=0)
    for _ in range(MAX_STEPS):
        probability = _compute_softmax(design, is_open, coefficients)
        gradient = observed - np.einsum("nk,nkp->p", probability, design) - RIDGE * coefficients
        step = np.linalg.solve(_compute_information(design, probability), gradient)
        coefficients = coefficients + np.clip(step, -2.0, 2.0)
        if np.abs(step).max(initial=0.0) < STEP_TOLERANCE:
            break
    return coefficients


def _compute_softmax(design: Floats, is_open: Bools, coefficients: Floats) -> Floats:
    utility = np.where(is_open, design @ coefficients, -np.inf)
    weight = np.exp(utility - utility.max(axis=1, keepdims=True))
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))


def _compute_information(design: Floats, probability: Floats) -> Floats:
    expected = np.einsum("nk,nkp->np", probability, design)
    weighted = (design * probability[..., None]).reshape(-1, design.shape[-1])
    second = weighted.T @ design.reshape(-1, design.shape[-1])
    return np.asarray(second - expected.T @ expected + RIDGE * np.eye(design.shape[-1]))
