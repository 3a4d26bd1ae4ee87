"""Synthetic clinics that many tests share."""

import pytest

from attune_fit.data.synthetic.simulate import SimulatedClinic, simulate
from attune_fit.data.synthetic.world import World


@pytest.fixture(scope="session")
def clinic() -> SimulatedClinic:
    return simulate(3_000, 60, seed=11)


@pytest.fixture(scope="session")
def complete_clinic() -> SimulatedClinic:
    """A clinic without missing answers or unreturned forms."""
    return simulate(400, 20, seed=12, world=World(missing=0, unreturned=0))
