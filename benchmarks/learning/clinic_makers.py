"""Clinics of the benchmark: three makers (simulators), each with several mixes of the sources of fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from attune_fit.data.synthetic.assignment_policy import is_eligible
from attune_fit.data.synthetic.named_worlds import WORLDS
from attune_fit.data.synthetic.simulate import simulate
from attune_fit.data.synthetic.world import World
from benchmarks.learning import second_simulator
from benchmarks.learning.aside_forms import ASIDE_FORMS
from benchmarks.learning.benchmark_clinic import BenchmarkClinic

N_THERAPISTS, N_NEW = 40, 400
RATED_SHARE = 0.88  # share of clients who return at least one early form


@dataclass(frozen=True)
class ClinicMaker:
    """One row of :data:`CLINIC_MAKERS`.

    Attributes
    ----------
    name, description : str
    mixes : tuple of str
        Sources of fit (pair effects) that the maker offers.
    headline : tuple of str
        Mixes whose mean is the single figure of the maker.
    draw : callable
        Takes a mix, a seed, the number of clients who have met a therapist, and the number of new clients.
    """

    name: str
    description: str
    mixes: tuple[str, ...]
    headline: tuple[str, ...]
    draw: Callable[[str, int, int, int], BenchmarkClinic]


def draw_simulated_clinic(mix: str, seed: int, n_known: int, n_new: int) -> BenchmarkClinic:
    """Draw a clinic of the project's simulator; :data:`OTHER_WORLDS` differ from the default in more than the mix."""
    world = OTHER_WORLDS.get(mix) or World(mix=mix)
    simulated = simulate(-(-n_known // world.therapists_each) + n_new, N_THERAPISTS, seed, world, waiting=n_new)
    waiting = np.flatnonzero(
        ~simulated.tables.clients["client_id"].isin(list(simulated.tables.met_client_ids)).to_numpy()
    )
    truth = simulated.truth.compute_expected_alliance(
        waiting[:, None], np.arange(N_THERAPISTS)[None, :], chemistry=False
    )
    eligible = is_eligible(simulated.truth.clients.take(waiting), simulated.truth.therapists)
    return BenchmarkClinic("simulated", mix, seed, simulated.tables, truth, eligible)


def draw_other_clinic(mix: str, seed: int, n_known: int, n_new: int) -> BenchmarkClinic:
    """Draw a clinic of a second simulator, which shares no formula with the first one or with the features."""
    simulated = second_simulator.draw_clinic(mix, seed, n_known, n_new, N_THERAPISTS)
    return BenchmarkClinic("other", mix, seed, simulated.tables, simulated.truth, simulated.eligible)


def draw_aside_clinic(mix: str, seed: int, n_known: int, n_new: int) -> BenchmarkClinic:
    """Draw a clinic that is kept aside: its forms were fixed before any result, and no method is tuned on them."""
    return replace(draw_other_clinic(mix, seed, n_known, n_new), maker="aside")


OTHER_WORLDS = {  # by the name of their mix; `stable` is `drifting` without any change over time
    "strong_threshold": World(mix="threshold", fit=0.10),
    "crossed": WORLDS["crossed"].build_world(),
    "drifting": WORLDS["drifting"].build_world(),
    "stable": WORLDS["drifting"].build_world().replace(drift=0.0, fading=0.0),
}
HEADLINE = ("balanced", "wishes", "attachment", "problems")  # a single figure is the mean over these
# against the directions of the published evidence, or a step
OPPOSITE_MIXES = ("complementarity", "threshold", "strong_threshold")

CLINIC_MAKERS: dict[str, ClinicMaker] = {
    row.name: row
    for row in (
        ClinicMaker(
            "simulated",
            "the project's simulator",
            (*HEADLINE, "style", *OPPOSITE_MIXES, "null", "crossed"),
            HEADLINE,
            draw_simulated_clinic,
        ),
        ClinicMaker("other", "other functional forms", (*HEADLINE, *OPPOSITE_MIXES), HEADLINE, draw_other_clinic),
        ClinicMaker("aside", "clinics that are kept aside", tuple(ASIDE_FORMS), tuple(ASIDE_FORMS), draw_aside_clinic),
    )
}


def draw_clinic(maker: str, mix: str, seed: int, outcomes: int = 3_000, n_new: int = N_NEW) -> BenchmarkClinic:
    """Draw a clinic with at least so many early alliance records.

    Parameters
    ----------
    maker, mix : str
        See :data:`CLINIC_MAKERS`.
    seed : int
    outcomes : int
        Largest number of records to measure.
    n_new : int
        New clients to rank for.
    """
    return CLINIC_MAKERS[maker].draw(mix, seed, int(outcomes / RATED_SHARE * 1.05) + 30, n_new)
