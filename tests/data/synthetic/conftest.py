"""One synthetic clinic that many tests look at."""

import pytest

from attune_fit.data.synthetic.simulate import SimulatedClinic, simulate
from attune_fit.data.synthetic.world import World


@pytest.fixture(scope="session")
def clinic() -> SimulatedClinic:
    return simulate(3_000, 60, seed=11)


@pytest.fixture(scope="session")
def complete_clinic() -> SimulatedClinic:
    """Nobody leaves anything unanswered: what the tables show is all there is."""
    return simulate(400, 20, seed=12, world=World(missing=0, unreturned=0))
