"""The pair's part of alliance: what carriers say of a pair beyond what they say of either of the two in general."""

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

POPULATION_SIZE = (1_500, 150)  # clients and therapists that every clinic is measured against
CLIENTS_PER_BLOCK = 5_000  # clients held against that population at a time


@dataclass(frozen=True)
class PairFit:
    """The weights of the carriers in a world, and the population they were weighed on.

    Attributes
    ----------
    weights : dict of str to float
        SD of one session's alliance for one unit of each carrier.
    clients, therapists : People
        The population: the same for every seed, so that a pair's truth does not depend on who else is in the clinic.
    mean : float
        Mean of the weighted sum over that population.
    therapist_sd : float
        SD, over the therapists of that population, of what the carriers give them with everybody.
    """

    weights: dict[str, float]
    clients: People
    therapists: People
    mean: float
    therapist_sd: float

    @classmethod
    def from_world(cls, world: World) -> PairFit:
        """Weigh the carriers so that fit has its share of the variance over random pairs of the population."""
        return _weigh_carriers(tuple(world.carrier_shares.items()), world.effective_fit)

    def compute_total(self, clients: People, therapists: People, c: Indices, t: Indices) -> Floats:
        """Weighted sum of the carriers for these pairs, what they say of either side in general included."""
        total = np.zeros(np.broadcast_shapes(c.shape, t.shape))
        for name, weight in self.weights.items():
            total = total + weight * FIT_MECHANISMS[name](clients, therapists, c, t)
        return total

    def compute_client_means(self, clients: People) -> Floats:
        """What the carriers give a client with everybody, shape (clients,), mean 0 over the population."""
        starts = range(0, len(clients), CLIENTS_PER_BLOCK)  # never the whole cross product
        blocks = [clients.take(np.arange(start, min(start + CLIENTS_PER_BLOCK, len(clients)))) for start in starts]
        means = [
            self.compute_total(each, self.therapists, *build_cross_rows(each, self.therapists)).mean(axis=1)
            for each in blocks
        ]
        return np.asarray(np.concatenate(means) - self.mean)

    def compute_therapist_means(self, therapists: People) -> Floats:
        """What the carriers give a therapist with everybody, shape (therapists,), mean 0 over the population."""
        total = self.compute_total(self.clients, therapists, *build_cross_rows(self.clients, therapists))
        return np.asarray(total.mean(axis=0) - self.mean)


@lru_cache(maxsize=32)
def _weigh_carriers(mix: tuple[tuple[str, float], ...], share: float) -> PairFit:
    clients, therapists = _draw_population()
    spread = {name: float(_double_center(_compute_carrier_matrix(name)).std()) for name, _ in mix}
    weights = {name: np.sign(part) * np.sqrt(abs(part)) / spread[name] for name, part in mix}
    total = sum((weights[name] * _compute_carrier_matrix(name) for name in weights), np.zeros((1, 1)))
    grow = np.sqrt(share) / (_double_center(total).std() or 1.0)  # carriers overlap a little
    weights = {name: float(grow * each) for name, each in weights.items()}
    total = grow * total
    return PairFit(weights, clients, therapists, float(total.mean()), float(total.mean(axis=0).std()))


@cache
def _draw_population() -> tuple[People, People]:
    rng = np.random.default_rng(20_260_105)
    return draw_clients(rng, POPULATION_SIZE[0]), draw_therapists(rng, POPULATION_SIZE[1], World())


@cache
def _compute_carrier_matrix(name: str) -> Floats:
    """What one carrier says of everyone with everyone in the population."""
    clients, therapists = _draw_population()
    return FIT_MECHANISMS[name](clients, therapists, *build_cross_rows(clients, therapists))


def _double_center(total: Floats) -> Floats:
    """What is left of everyone with everyone after the means of both sides."""
    return np.asarray(total - total.mean(axis=1, keepdims=True) - total.mean(axis=0) + total.mean())
