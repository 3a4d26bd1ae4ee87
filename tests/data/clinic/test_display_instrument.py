"""The main instrument: `show_in`, else the most used of any session, else the WAI-SR."""

from pathlib import Path

import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.display_instrument import find_main_instrument
from attune_fit.data.clinic.instruments import INSTRUMENTS
from attune_fit.data.clinic.settings import Config
from attune_fit.data.faults import DataFault
from tests.strategies import Cells, clinic


def find(outcomes: Cells | None, show_in: str | None = None) -> str:
    n = len(next(iter(outcomes.values()))) if outcomes else 0
    ids: Cells = {"client_id": ["c0"] * n, "therapist_id": ["t0"] * n, "score": [4.0] * n}
    tables = clinic({"age": [30]}, {"age": [40]}, outcomes={**ids, **outcomes} if outcomes else None)
    config = Config.model_validate({"clinic": {"show_in": show_in}})
    return find_main_instrument(tables, Clinic(Path(), config, {row.name: row for row in INSTRUMENTS}))


def test_the_most_used_is_the_main_one_whatever_the_session() -> None:
    assert find({"instrument": ["SRS", "SRS", "WAI-SR"], "session": [9, 12, 1]}) == "SRS"
    assert find({"instrument": ["WAI-SR", "SRS"]}) == "SRS"  # the first by name in a tie


def test_show_in_comes_first_in_any_spelling() -> None:
    assert find({"instrument": ["SRS"]}, show_in="arm 5") == "ARM-5"
    with pytest.raises(DataFault, match="no instrument has this name"):
        find({"instrument": ["SRS"]}, show_in="XX")


@pytest.mark.parametrize(
    "outcomes",
    [None, {"instrument": ["SRS"], "rater": ["therapist"]}, {"instrument": ["SRS"], "score": [None]},
     {"instrument": ["ours"]}, {"instrument": [None]}],
    ids=["no outcomes", "the therapist rates", "no score", "unknown", "not stated"],
)  # fmt: skip
def test_without_a_rating_that_counts_it_is_the_wai_sr(outcomes: Cells | None) -> None:
    assert find(outcomes) == "WAI-SR"
