"""The warning that instruments go with therapists."""

import numpy as np
import pytest

from attune_fit.data.clinic.instruments import INSTRUMENTS
from attune_fit.data.faults import Fault
from attune_fit.data.outcomes.instrument_use import find_instrument_warning
from tests.strategies import Cells, clinic

KNOWN = {row.name: row for row in INSTRUMENTS}


def warn(instruments_by_therapist: list[list[str]]) -> Fault | None:
    """Each therapist's clients, by the instrument that each filled in."""
    pairs = [(row, name) for row, names in enumerate(instruments_by_therapist) for name in names]
    outcomes: Cells = {
        "client_id": [f"c{number}" for number in range(len(pairs))],
        "therapist_id": [f"t{row}" for row, _ in pairs],
        "instrument": [name for _, name in pairs],
        "score": [4.0] * len(pairs),
    }
    n_clients = max(len(pairs), 1)
    return find_instrument_warning(
        clinic({"age": [30] * n_clients}, {"age": [40] * len(instruments_by_therapist)}, outcomes=outcomes), KNOWN
    )


WAI, SRS, BOTH = ["WAI-SR"] * 5, ["SRS"] * 6, ["WAI-SR", "SRS"] * 3


def test_most_therapists_on_one_of_two_instruments_are_a_warning_with_their_number() -> None:
    fault = warn([WAI, WAI, SRS, BOTH, ["SRS"] * 4])
    assert fault is not None
    assert (fault.id, fault.stops, fault.table, fault.column) == (
        "instruments-by-therapist", False, "outcomes", "instrument"
    )  # fmt: skip
    assert "3 of 4 therapists" in fault.says
    assert "(SRS 1, WAI-SR 2)" in fault.says


@pytest.mark.parametrize(
    "therapists",
    [[WAI, WAI, WAI], [WAI, WAI, BOTH], [WAI, SRS, BOTH, BOTH], [["WAI-SR"] * 4, ["SRS"] * 4], [], [[], []]],
    ids=["one instrument", "one alone, and both", "half", "few clients", "no therapist", "no outcome"],
)
def test_otherwise_there_is_none(therapists: list[list[str]]) -> None:
    assert warn(therapists) is None


def test_instruments_by_chance_are_no_warning() -> None:
    """200 clinics whose clients fill in either form by chance, one of them more often."""
    rng = np.random.default_rng(0)
    clinics = ([list(rng.choice(["WAI-SR", "SRS"], 6, p=[0.7, 0.3])) for _ in range(12)] for _ in range(200))
    assert sum(warn(one) is not None for one in clinics) == 0
