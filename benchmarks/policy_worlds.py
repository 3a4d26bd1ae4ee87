"""Clinics with the simulator's truth whose coordinators choose from lists with random order inside bands, as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attune_fit.data.arrays import Bools, Floats, Indices
from attune_fit.data.synthetic.alliance import Truth
from attune_fit.data.synthetic.clients import draw_clients
from attune_fit.data.synthetic.effect_draws import draw_effects
from attune_fit.data.synthetic.people import People
from attune_fit.data.synthetic.therapists import draw_therapists
from attune_fit.data.synthetic.world import World
from attune_fit.training.evaluation.choice_model import ShownLists
from attune_fit.training.evaluation.doubly_robust_value import RatedLists
from attune_fit.training.evaluation.draw_probability import compute_place_probabilities
from attune_fit.training.evaluation.outcome_predictions import OutcomePredictions, crossfit_outcomes

POOL, N_SHOWN = 600, 5
ELIGIBLE_SHARE, WISH_SHARE = 0.7, 0.3
SCORE_NOISE = 3.0  # POMP: error of the list's score
BAND_GAP = 4.0  # POMP below the leader: the next band begins
RATING_PRECISION = 12.0  # of the beta distribution of a rating: an SD of about 12 POMP


@dataclass(frozen=True)
class Coordinator:
    """How places are chosen; log odds.

    Attributes
    ----------
    not_listed, first, log_place, first_band : float
        Of a therapist who is not on the list; of the first place; for the logarithm of the place; of the first band.
    hidden : float
        For one SD of what no table holds of the pair (the chemistry): 0 where choices follow the list alone.
    """

    not_listed: float = -1.0
    first: float = 1.0
    log_place: float = -0.6
    first_band: float = 0.5
    hidden: float = 0.0


@dataclass(frozen=True)
class ListWorld:
    """The clients whom a clinic can get, with their lists before the random order.

    Attributes
    ----------
    expected : array of shape (clients, therapists)
        True expected rating, POMP.
    score : array of the same shape
        By which the lists are ordered, POMP.
    chemistry : array of the same shape
        What no table holds of the pair; SD 1.
    group, band : arrays of int of the same shape
        Tied group, and band, from 1; 0 where the therapist is no candidate.
    is_newcomer : array of bool, shape (therapists,)
    weight : float
        Of a newcomer in the random order.
    """

    expected: Floats
    score: Floats
    chemistry: Floats
    group: Indices
    band: Indices
    is_newcomer: Bools
    weight: float

    @classmethod
    def draw(cls, seed: int, n_therapists: int, weight: float = 1.0, world: World | None = None) -> ListWorld:
        """Draw people with their truth, a score that knows some of it, and the groups of each list."""
        rng = np.random.default_rng(seed)
        world = draw_effects(world or World(), rng)
        therapists, clients = draw_therapists(rng, n_therapists, world), draw_clients(rng, POOL)
        clients = People.assign(clients, days_ago=np.zeros(POOL), site=np.zeros(POOL, dtype=np.intp))
        truth = Truth.draw(world, clients, therapists, rng)
        parts = truth.compute_parts(np.arange(POOL)[:, None], np.arange(n_therapists)[None, :])
        known = truth.convert_parts_to_pomp(parts, chemistry=False)
        score = known + SCORE_NOISE * rng.standard_normal(known.shape)
        is_candidate = rng.random(known.shape) < ELIGIBLE_SHARE
        is_candidate[:, :N_SHOWN] = True  # each list has all places
        band = _assign_bands(np.where(is_candidate, score, -np.inf))
        wishes = (rng.random(known.shape) < WISH_SHARE).astype(np.intp)
        group = np.where(is_candidate, 2 * band - wishes, 0)
        chemistry = parts.chemistry / max(float(parts.chemistry.std()), 1e-9)
        is_newcomer = np.arange(n_therapists) % 4 == 0
        return cls(
            truth.convert_parts_to_pomp(parts), score, chemistry, group, band * is_candidate, is_newcomer, weight
        )

    def draw_order(self, rows: Indices, rng: np.random.Generator) -> Indices:
        """Draw the lists of some clients: columns of the therapists in order; those who are no candidates come last."""
        weights = np.where(self.is_newcomer, self.weight, 1.0)
        key = 1 - (1 - rng.random((len(rows), len(weights)))) ** (1 / weights)
        group = self.group[rows]
        return np.argsort(np.where(group > 0, group, np.inf) + key * (group > 0), axis=1)

    def compute_choice(self, rows: Indices, order: Indices, how: Coordinator) -> Floats:
        """Compute the probability of each choice, (n, 1 + places); the first is of a therapist who is not listed."""
        place = np.arange(1, N_SHOWN + 1)
        shown = order[:, :N_SHOWN]
        utility = how.first * (place == 1) + how.log_place * np.log(place)
        utility = utility + how.first_band * (np.take_along_axis(self.band[rows], shown, axis=1) == 1)
        utility = utility + how.hidden * np.take_along_axis(self.chemistry[rows], shown, axis=1)
        n_candidates = (self.group[rows] > 0).sum(axis=1)
        others = np.where(n_candidates > N_SHOWN, how.not_listed, -np.inf)
        weight = np.exp(np.concatenate([others[:, None], utility], axis=1))
        return np.asarray(weight / weight.sum(axis=1, keepdims=True))

    def compute_values(self, how: Coordinator, rng: np.random.Generator, draws: int = 20) -> tuple[float, float]:
        """Compute the true value of the first place and of what is done, over all clients and some draws, POMP."""
        rows, first, done = np.arange(len(self.group)), 0.0, 0.0
        for _ in range(draws):
            order = self.draw_order(rows, rng)
            ordered = np.take_along_axis(self.expected, order, axis=1)
            n_others = np.maximum((self.group > 0).sum(axis=1) - N_SHOWN, 1)
            position = np.arange(ordered.shape[1])
            is_other = (position >= N_SHOWN) & (position < N_SHOWN + n_others[:, None])
            others = (ordered * is_other).sum(axis=1) / n_others
            choice = self.compute_choice(rows, order, how)
            by_choice = np.concatenate([others[:, None], ordered[:, :N_SHOWN]], axis=1)
            first, done = first + float(ordered[:, 0].mean()), done + float((choice * by_choice).sum(axis=1).mean())
        return first / draws, done / draws

    def draw_records(
        self, n: int, how: Coordinator, rng: np.random.Generator, *, has_bands: bool = True, knows_outcome: bool = True
    ) -> tuple[RatedLists, OutcomePredictions]:
        """Draw the rated lists of ``n`` clients, with cross-fitted predictions.

        Parameters
        ----------
        n : int
        how : Coordinator
        rng : numpy Generator
        has_bands : bool
            Whether bands and draws were logged; else each list counts as the only possible one.
        knows_outcome : bool
            Whether the outcome model reads the score and a fact of the client; else a number without meaning.
        """
        rows = rng.integers(len(self.group), size=n)
        order = self.draw_order(rows, rng)
        shown = order[:, :N_SHOWN]
        choice = self.compute_choice(rows, order, how)
        chosen = (rng.random((n, 1)) > np.cumsum(choice, axis=1)).sum(axis=1)
        n_others = np.maximum((self.group[rows] > 0).sum(axis=1) - N_SHOWN, 1)
        other = N_SHOWN + (rng.random(n) * n_others).astype(np.intp)
        met = order[np.arange(n), np.where(chosen > 0, chosen - 1, other)]
        mean = self.expected[rows, met] / 100
        y = 100 * rng.beta(RATING_PRECISION * mean, RATING_PRECISION * (1 - mean))
        band = np.take_along_axis(self.band[rows], shown, axis=1)
        group = np.take_along_axis(self.group[rows], shown, axis=1)
        is_place = np.ones(shown.shape, dtype=bool)
        lists = ShownLists(is_place, band if has_bands else np.zeros_like(band), chosen)
        first_group = group == group[:, :1] if has_bands else np.arange(N_SHOWN) == np.zeros((n, 1))
        at = self._compute_places(rows, met, chosen, group) if has_bands else _mark_places(chosen)
        records = RatedLists(y, lists, at, first_group, shown)
        client = self.expected[rows].mean(axis=1) + 5 * rng.standard_normal(n)
        numbers = np.stack([self.score[rows], np.broadcast_to(client[:, None], self.score[rows].shape)], axis=-1)
        if not knows_outcome:
            numbers = rng.standard_normal(numbers.shape)
        places = np.take_along_axis(numbers, shown[..., None], axis=1)
        return records, crossfit_outcomes(y, numbers[np.arange(n), met], places, met, shown)

    def _compute_places(self, rows: Indices, met: Indices, chosen: Indices, group: Indices) -> Floats:
        """Compute the chance that the therapist who was met is drawn to each place, (n, places)."""
        at = np.zeros((len(rows), N_SHOWN))
        of_met = self.group[rows, met]
        has_met = self.group[rows] == of_met[:, None]
        sizes, newcomers = has_met.sum(axis=1), (has_met & self.is_newcomer).sum(axis=1)
        first = (group < of_met[:, None]).sum(axis=1)
        for row in np.flatnonzero(chosen > 0):
            n_newcomers = int(newcomers[row]) if self.weight != 1 else 0
            kind = int(self.is_newcomer[met[row]]) if self.weight != 1 else 0
            own = compute_place_probabilities(int(sizes[row]), n_newcomers, self.weight)[kind]
            end = min(first[row] + len(own), N_SHOWN)
            at[row, first[row] : end] = own[: end - first[row]]
        return at


def _assign_bands(score: Floats) -> Indices:
    """Assign bands: the best remaining score leads; a score :data:`BAND_GAP` below the leader leads the next band."""
    order = np.argsort(-score, axis=1)
    band = np.zeros(score.shape, dtype=np.intp)
    leader, number = np.full(len(score), np.inf), np.zeros(len(score), dtype=np.intp)
    for column in order.T:
        own = score[np.arange(len(score)), column]
        is_next = own < leader - BAND_GAP
        leader, number = np.where(is_next, own, leader), number + is_next
        band[np.arange(len(score)), column] = number
    return band


def _mark_places(chosen: Indices) -> Floats:
    """Return 1 at the place that was chosen, and 0 elsewhere; shape (n, places)."""
    return np.asarray((chosen[:, None] == np.arange(1, N_SHOWN + 1)).astype(float))
