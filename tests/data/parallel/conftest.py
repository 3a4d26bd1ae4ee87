"""One cluster of two processes for the tests that need one."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest


def start_cluster() -> Any:
    """Return two workers of one thread, on any free ports, without Dask's web pages."""
    import distributed

    return distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        dashboard_address="127.0.0.1:0",
        scheduler_kwargs={"dashboard": False},
        silence_logs=logging.CRITICAL,
    )


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with start_cluster() as local:
        yield local
