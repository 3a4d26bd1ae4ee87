"""The pair's part of alliance: what carriers say of a pair beyond what they say of either of the two in general."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np

from attune_fit.data.synthetic.clients import draw_clients
from attune_fit.data.synthetic.fit_mechanisms import CARRIERS
from attune_fit.data.synthetic.people import Floats, People, Rows, everyone
from attune_fit.data.synthetic.therapists import draw_therapists
from attune_fit.data.synthetic.world import World

POPULATION = (1_500, 150)  # clients and therapists that every clinic is measured against
BLOCK = 5_000  # clients held against that population at a time


@dataclass(frozen=True)
class Fit:
    """The weights of the carriers in a world, and the population they were weighed on.

    Attributes
    ----------
    weights : dict of str to float
        SD of one session's alliance for one unit of each carrier.
    clients, therapists : People
        The population: the same for every seed, so that a pair's truth does not depend on who else is in the clinic.
    mean : float
        Mean of the weighted sum over that population.
    therapist_spread : float
        SD, over the therapists of that population, of what the carriers give them with everybody.
    """

    weights: dict[str, float]
    clients: People
    therapists: People
    mean: float
    therapist_spread: float

    @classmethod
    def of(cls, world: World) -> Fit:
        """Weigh the carriers so that fit has its share of the variance over random pairs of the population."""
        return _fit(tuple(world.carried.items()), world.pair)

    def total(self, clients: People, therapists: People, c: Rows, t: Rows) -> Floats:
        """Weighted sum of the carriers for these pairs, what they say of either side in general included."""
        total = np.zeros(np.broadcast_shapes(c.shape, t.shape))
        for name, weight in self.weights.items():
            total = total + weight * CARRIERS[name](clients, therapists, c, t)
        return total

    def of_clients(self, clients: People) -> Floats:
        """What the carriers give a client with everybody, shape (clients,), mean 0 over the population."""
        starts = range(0, len(clients), BLOCK)  # never the whole cross product
        blocks = [clients.take(np.arange(start, min(start + BLOCK, len(clients)))) for start in starts]
        means = [self.total(each, self.therapists, *everyone(each, self.therapists)).mean(axis=1) for each in blocks]
        return np.asarray(np.concatenate(means) - self.mean)

    def of_therapists(self, therapists: People) -> Floats:
        """What the carriers give a therapist with everybody, shape (therapists,), mean 0 over the population."""
        total = self.total(self.clients, therapists, *everyone(self.clients, therapists))
        return np.asarray(total.mean(axis=0) - self.mean)


@lru_cache(maxsize=32)
def _fit(mix: tuple[tuple[str, float], ...], share: float) -> Fit:
    clients, therapists = _population()
    spread = {name: float(_beyond_either(_raw(name)).std()) for name, _ in mix}
    weights = {name: np.sign(part) * np.sqrt(abs(part)) / spread[name] for name, part in mix}
    total = sum((weights[name] * _raw(name) for name in weights), np.zeros((1, 1)))
    grow = np.sqrt(share) / (_beyond_either(total).std() or 1.0)  # carriers overlap a little
    weights = {name: float(grow * each) for name, each in weights.items()}
    total = grow * total
    return Fit(weights, clients, therapists, float(total.mean()), float(total.mean(axis=0).std()))


@cache
def _population() -> tuple[People, People]:
    rng = np.random.default_rng(20_260_105)
    return draw_clients(rng, POPULATION[0]), draw_therapists(rng, POPULATION[1], World())


@cache
def _raw(name: str) -> Floats:
    """What one carrier says of everyone with everyone in the population."""
    clients, therapists = _population()
    return CARRIERS[name](clients, therapists, *everyone(clients, therapists))


def _beyond_either(total: Floats) -> Floats:
    """What is left of everyone with everyone after the means of both sides."""
    return np.asarray(total - total.mean(axis=1, keepdims=True) - total.mean(axis=0) + total.mean())
