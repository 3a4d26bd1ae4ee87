"""Small clinics of the second simulator, and of a world in which clients meet several therapists."""

import pytest

from benchmarks.learning.benchmark_clinic import BenchmarkClinic
from benchmarks.learning.clinic_makers import CLINIC_MAKERS


@pytest.fixture(scope="session")
def clinic() -> BenchmarkClinic:
    return CLINIC_MAKERS["other"].draw("balanced", 1, 110, 60)  # with this seed therapists differ visibly


@pytest.fixture(scope="session")
def crossed() -> BenchmarkClinic:
    return CLINIC_MAKERS["simulated"].draw("crossed", 0, 110, 20)
