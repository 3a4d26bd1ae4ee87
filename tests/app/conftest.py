"""Commands and pages on tables that are read once: the reading has tests of its own."""

from collections.abc import Iterator

import pytest

from tests.kept_readings import keep_readings


@pytest.fixture(scope="module", autouse=True)
def kept_readings() -> Iterator[None]:
    """Equal files are read once."""
    with keep_readings():
        yield
