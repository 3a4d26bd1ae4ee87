"""A trial as its sealed file has it: the plan, the allocated clients, and the looks that were made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from attune_fit.training.trials.allocation import draw_arms, list_blocks
from attune_fit.training.trials.trial_plan import TrialPlan


@dataclass(frozen=True)
class Allocation:
    """One allocated client. It holds ids and digests, and no cell.

    Attributes
    ----------
    client_id : str
    stratum : str
        Label from :func:`compute_stratum_label`.
    place : int
        Place in the sequence of the stratum, from 1.
    arm, order : str
    seed : int
        Seed of the order of the list.
    shown : tuple of str
        Ids of the therapists on the list when the client was allocated, in the order shown.
    data, bundle, policy : str
        Digests of the tables, the model, and the rules and settings at that time.
    as_of : str
        Day of the tables, ISO.
    events : int
        Number of the last event of the journal at that time.
    when : str
        UTC, ISO.
    """

    client_id: str
    stratum: str
    place: int
    arm: str
    order: str
    seed: int
    shown: tuple[str, ...]
    data: str
    bundle: str
    policy: str
    as_of: str
    events: int
    when: str


@dataclass(frozen=True)
class Look:
    """One analysis that was made.

    Attributes
    ----------
    look : int
        Number of the planned look, from 1; 0 for one that was not planned: it decides nothing.
    n_first, n_second : int
        Outcomes of each arm.
    estimate, low, high : float
        Difference, first arm minus second, with its repeated interval; in the unit of the outcome.
    estimate_sd : float
        The same in SD of the outcome within arms.
    t, df, p : float
        Without a correction for earlier looks.
    permutation_p : float
        Of the re-randomisation test.
    z, boundary : float
        The statistic, and the least absolute value that stops the trial at this look.
    decision : str
        ``difference found``, ``go on``, ``no difference shown`` (the last look), or ``not planned``.
    when : str
        UTC, ISO.
    why : str
        Reason of a look that was not planned, or of an early end; empty else.
    """

    look: int
    n_first: int
    n_second: int
    estimate: float
    low: float
    high: float
    estimate_sd: float
    t: float
    df: float
    p: float
    permutation_p: float
    z: float
    boundary: float
    decision: str
    when: str = ""
    why: str = ""

    @property
    def n(self) -> int:
        """Outcomes of both arms."""
        return self.n_first + self.n_second

    @property
    def ends_trial(self) -> bool:
        """Whether nothing is allocated or analysed after this look."""
        return self.decision in ("difference found", "no difference shown")


@dataclass(frozen=True)
class Trial:
    """A planned trial, with what happened since.

    Attributes
    ----------
    plan : TrialPlan
    seed : int
        Of the allocation.
    when : str
        When it was planned; UTC, ISO.
    power : mapping
        Figures of :class:`TrialPower`, as they were at the plan.
    analysis_plan : str
        The text that was written at the plan.
    allocations : tuple of Allocation
        In the order of their lines.
    looks : tuple of Look
    """

    plan: TrialPlan
    seed: int
    when: str
    power: Mapping[str, Any] = field(default_factory=dict)
    analysis_plan: str = ""
    allocations: tuple[Allocation, ...] = ()
    looks: tuple[Look, ...] = ()

    @property
    def planned_looks(self) -> tuple[Look, ...]:
        """The looks that count."""
        return tuple(look for look in self.looks if look.look)

    @property
    def has_ended(self) -> bool:
        """Whether a planned look has ended the trial."""
        return any(look.ends_trial for look in self.planned_looks)

    def find_allocation(self, client_id: str) -> Allocation | None:
        """Return the allocation of a client; None without one."""
        return next((one for one in self.allocations if one.client_id == client_id), None)

    def draw_next_arm(self, stratum: str) -> tuple[int, int]:
        """Return place (from 1) and arm (0 or 1) of the next client of a stratum."""
        place = sum(one.stratum == stratum for one in self.allocations) + 1
        return place, draw_arms(self.seed, stratum, self.plan.block_sizes, place)[-1]

    def find_block(self, allocation: Allocation) -> tuple[str, int]:
        """Return stratum and block of an allocation."""
        return allocation.stratum, list_blocks(self.seed, allocation.stratum, self.plan.block_sizes, allocation.place)[
            -1
        ]
