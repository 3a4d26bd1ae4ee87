"""Which clinics are measured on: two makers, several mixes of what carries fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from attune_fit.data.synthetic.assignment_policy import is_eligible
from attune_fit.data.synthetic.named_worlds import WORLDS
from attune_fit.data.synthetic.simulate import simulate
from attune_fit.data.synthetic.world import World
from benchmarks.learning import other
from benchmarks.learning.clinic import Clinic

THERAPISTS, NEW = 40, 400
RATED = 0.88  # of the clients who come, so many leave at least one early rating


@dataclass(frozen=True)
class Maker:
    """One row of :data:`MAKERS`.

    Attributes
    ----------
    name, says : str
    mixes : tuple of str
        What carries fit.
    function : callable
        Takes a mix, a seed, how many clients have come and how many are new.
    """

    name: str
    says: str
    mixes: tuple[str, ...]
    function: Callable[[str, int, int, int], Clinic]


def simulated(mix: str, seed: int, known: int, new: int) -> Clinic:
    """A clinic of the project's own simulator; ``crossed`` is its world where each client meets three by lot."""
    world, each = World(mix=mix) if mix != "crossed" else WORLDS["crossed"].build_world(), 1
    if mix == "crossed":
        each = world.therapists_each
    made = simulate(-(-known // each) + new, THERAPISTS, seed, world, waiting=new)
    waiting = np.flatnonzero(~made.tables.clients["client_id"].isin(list(made.tables.met_client_ids)).to_numpy())
    truth = made.truth.compute_expected_alliance(waiting[:, None], np.arange(THERAPISTS)[None, :], chemistry=False)
    may = is_eligible(made.truth.clients.take(waiting), made.truth.therapists)
    return Clinic("simulated", mix, seed, made.tables, truth, may)


def elsewhere(mix: str, seed: int, known: int, new: int) -> Clinic:
    """A clinic of a maker that shares no formula with the simulator or the features."""
    made = other.draw(mix, seed, known, new, THERAPISTS)
    return Clinic("other", mix, seed, made.tables, made.truth, made.may)


HEADLINE = ("balanced", "wishes", "attachment", "problems")  # averaged over where one figure is given

MAKERS: dict[str, Maker] = {
    row.name: row
    for row in (
        Maker("simulated", "the project's simulator", (*HEADLINE, "style", "null", "crossed"), simulated),
        Maker("other", "other functional forms", HEADLINE, elsewhere),
    )
}


def clinic(maker: str, mix: str, seed: int, outcomes: int = 3_000, new: int = NEW) -> Clinic:
    """Draw a clinic that has at least so many early alliance records in the end.

    Parameters
    ----------
    maker, mix : str
        See :data:`MAKERS`.
    seed : int
    outcomes : int
        Most that will be asked of it.
    new : int
        New clients to choose for.
    """
    return MAKERS[maker].function(mix, seed, int(outcomes / RATED * 1.05) + 30, new)
