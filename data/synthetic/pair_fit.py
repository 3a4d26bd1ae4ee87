"""The pair's part of alliance: the client-by-therapist interaction of the carriers of fit, without main effects."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np

from attune_fit.data.arrays import Floats, Indices
from attune_fit.data.synthetic.clients import draw_clients
from attune_fit.data.synthetic.fit_mechanisms import FIT_MECHANISMS
from attune_fit.data.synthetic.people import People, build_cross_rows
from attune_fit.data.synthetic.therapists import draw_therapists
from attune_fit.data.synthetic.world import World

POPULATION_SIZE = (1_500, 150)  # clients and therapists of the reference population
CLIENTS_PER_BLOCK = 5_000  # clients in memory at one time, each with all therapists of that population


@dataclass(frozen=True)
class PairFit:
    """The weights of the carriers in a world, and the reference population that sets them.

    Attributes
    ----------
    weights : dict of str to float
        Weight of each carrier: SD of one session's alliance for one unit of the carrier.
    clients, therapists : People
        The reference population. It is the same for every seed, so a pair's truth does not depend on other people.
    mean : float
        Mean of the weighted sum over that population.
    therapist_sd : float
        SD of the therapists' main effects over that population.
    """

    weights: dict[str, float]
    clients: People
    therapists: People
    mean: float
    therapist_sd: float

    @classmethod
    def from_world(cls, world: World) -> PairFit:
        """Weight the carriers so that fit has its share of the variance over random pairs of the population."""
        return _weight_carriers(tuple(world.carrier_shares.items()), world.effective_fit)

    def compute_total(self, clients: People, therapists: People, c: Indices, t: Indices) -> Floats:
        """Return the weighted sum of the carriers for these pairs, including the main effects of both sides."""
        total = np.zeros(np.broadcast_shapes(c.shape, t.shape))
        for name, weight in self.weights.items():
            total = total + weight * FIT_MECHANISMS[name](clients, therapists, c, t)
        return total

    def compute_client_means(self, clients: People) -> Floats:
        """Return the main effect of each client over all therapists, shape (clients,), mean 0 in the population."""
        starts = range(0, len(clients), CLIENTS_PER_BLOCK)  # block by block: all pairs at once need too much memory
        blocks = [clients.take(np.arange(start, min(start + CLIENTS_PER_BLOCK, len(clients)))) for start in starts]
        means = [
            self.compute_total(block, self.therapists, *build_cross_rows(block, self.therapists)).mean(axis=1)
            for block in blocks
        ]
        return np.asarray(np.concatenate(means) - self.mean)

    def compute_therapist_means(self, therapists: People) -> Floats:
        """Return the main effect of each therapist over all clients, shape (therapists,), mean 0 in the population."""
        total = self.compute_total(self.clients, therapists, *build_cross_rows(self.clients, therapists))
        return np.asarray(total.mean(axis=0) - self.mean)


@lru_cache(maxsize=32)
def _weight_carriers(mix: tuple[tuple[str, float], ...], share: float) -> PairFit:
    clients, therapists = _draw_population()
    carrier_sd = {name: float(_double_center(_compute_carrier_matrix(name)).std()) for name, _ in mix}
    weights = {name: np.sign(part) * np.sqrt(abs(part)) / carrier_sd[name] for name, part in mix}
    total = sum((weights[name] * _compute_carrier_matrix(name) for name in weights), np.zeros((1, 1)))
    rescale = np.sqrt(share) / (_double_center(total).std() or 1.0)  # carriers correlate a little
    weights = {name: float(rescale * weight) for name, weight in weights.items()}
    total = rescale * total
    return PairFit(weights, clients, therapists, float(total.mean()), float(total.mean(axis=0).std()))


@cache
def _draw_population() -> tuple[People, People]:
    rng = np.random.default_rng(20_260_105)
    return draw_clients(rng, POPULATION_SIZE[0]), draw_therapists(rng, POPULATION_SIZE[1], World())


@cache
def _compute_carrier_matrix(name: str) -> Floats:
    """Compute one carrier for all pairs of the population."""
    clients, therapists = _draw_population()
    return FIT_MECHANISMS[name](clients, therapists, *build_cross_rows(clients, therapists))


def _double_center(total: Floats) -> Floats:
    """Subtract the means of both sides (double centering); the interaction remains."""
    return np.asarray(total - total.mean(axis=1, keepdims=True) - total.mean(axis=0) + total.mean())
