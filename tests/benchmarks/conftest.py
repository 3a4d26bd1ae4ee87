"""Small clinics of either maker, and one where clients met several therapists."""

import pytest

from benchmarks.learning.clinic import Clinic
from benchmarks.learning.clinics import MAKERS


@pytest.fixture(scope="session")
def clinic() -> Clinic:
    return MAKERS["other"].function("balanced", 1, 110, 60)  # a seed in which therapists are seen to differ


@pytest.fixture(scope="session")
def crossed() -> Clinic:
    return MAKERS["simulated"].function("crossed", 0, 110, 20)
