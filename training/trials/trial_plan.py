"""The plan of a trial: two orders of a client's list, the outcome, the looks, and how clients are allocated."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, field_validator, model_validator

from attune_fit.data.clinic.config_section import ConfigSection
from attune_fit.data.formats.reading_limits import MAX_SEED

TrialOutcome = Literal["total", "goal", "task", "bond", "dropout"]
ListOrder = Literal["list", "first_band_by_score", "first_band_at_random", "all_at_random"]
ClientColumn = Annotated[str, StringConstraints(pattern=r"^clients\..+$")]  # such as clients.region
LIST_ORDERS: Mapping[ListOrder, str] = {  # the functions are rows of matching's TRIAL_ORDERS; a test compares both
    "list": "Attune's list as it is: by band, inside a band by the client's wishes, then at random.",
    "first_band_by_score": "The therapists of the first band, the highest estimate first; then the others as listed.",
    "first_band_at_random": "The therapists of the first band at random; then the others as listed.",
    "all_at_random": "All available therapists at random.",
}
FIRST_BAND_ORDERS = frozenset({"first_band_by_score", "first_band_at_random"})  # differ in the first band alone
MIN_LOOK = 40  # outcomes at the first look: an arm with fewer than 20 gives no usable interval
MAX_OUTCOMES = 100_000
N_ARMS = 2


class Arm(ConfigSection):
    """One arm of a trial: an order of the therapists whom the rules allow."""

    name: str = Field(pattern=r"^[a-z0-9_]{1,30}$", description="Name: small letters, digits and `_`.")
    order: ListOrder = Field(description="The order of the list; see the list of orders.")


class TrialPlan(ConfigSection):
    """The plan of a randomised comparison of two orders. Name, claim, arms and number of outcomes have no default.

    Examples
    --------
    >>> arms = [{"name": "attune", "order": "list"}, {"name": "random", "order": "all_at_random"}]
    >>> plan = TrialPlan(name="first_place", claim="Attune's order helps.", arms=arms, n_outcomes=120, looks=[60])
    >>> plan.all_looks, plan.has_interim_looks, len(plan.digest)
    ((60, 120), True, 64)
    """

    name: str = Field(pattern=r"^[a-z0-9_]{1,60}$", description="Name: small letters, digits and `_`.")
    claim: str = Field(min_length=1, description="The claim, in words. Write no names of clients.")
    arms: tuple[Arm, ...] = Field(description="Two arms. The difference is the first minus the second.")
    n_outcomes: int = Field(
        ge=MIN_LOOK, le=MAX_OUTCOMES, description="Clients with an outcome at the last look, of both arms together."
    )
    looks: tuple[int, ...] = Field(
        default=(),
        max_length=10,
        description="Numbers of outcomes at which the trial is analysed before the last look. Default: only then.",
    )
    outcome: TrialOutcome = Field(
        default="total",
        description="`total`, `goal`, `task` or `bond`: early alliance, POMP. `dropout`: 1 or 0.",
    )
    smallest_effect: float = Field(
        default=0.30, gt=0, le=5, description="Smallest difference of interest, in SD of the outcome."
    )
    alpha: float = Field(default=0.05, gt=0, lt=0.5, description="Rate of false alarms of the whole trial, two-sided.")
    stratify_by: tuple[ClientColumn, ...] = Field(
        default=(), max_length=3, description="Columns of clients with codes: arms are balanced in each combination."
    )
    covariates: tuple[ClientColumn, ...] = Field(
        default=(), max_length=5, description="Columns of clients with numbers that the analysis adjusts for."
    )
    block_sizes: tuple[int, ...] = Field(
        default=(4, 6), min_length=1, max_length=5, description="Sizes of the permuted blocks, even; drawn at random."
    )
    seed: int | None = Field(
        default=None, ge=0, le=MAX_SEED, description="Seed of the allocation. Default: Attune draws one and logs it."
    )

    @field_validator("arms")
    @classmethod
    def _check_two_arms(cls, arms: tuple[Arm, ...]) -> tuple[Arm, ...]:
        if len(arms) != N_ARMS or arms[0].name == arms[1].name or arms[0].order == arms[1].order:
            raise ValueError("a trial has two arms, with different names and different orders")
        return arms

    @field_validator("looks")
    @classmethod
    def _check_rising(cls, looks: tuple[int, ...]) -> tuple[int, ...]:
        is_rising = all(low < high for low, high in pairwise(looks))
        if not is_rising or min(looks, default=MIN_LOOK) < MIN_LOOK:
            raise ValueError(f"the looks must rise, from {MIN_LOOK} outcomes or more")
        return looks

    @field_validator("block_sizes")
    @classmethod
    def _check_even(cls, sizes: tuple[int, ...]) -> tuple[int, ...]:
        if any(size % N_ARMS or not N_ARMS <= size <= 20 for size in sizes):
            raise ValueError("each block size must be an even number from 2 to 20")
        return sizes

    @model_validator(mode="after")
    def _check_last_look(self) -> TrialPlan:
        if self.looks and self.looks[-1] >= self.n_outcomes:
            raise ValueError("each of `looks` must be below `n_outcomes`, which is the last look")
        return self

    @property
    def all_looks(self) -> tuple[int, ...]:
        """Numbers of outcomes of all looks; the last is ``n_outcomes``."""
        return (*self.looks, self.n_outcomes)

    @property
    def has_interim_looks(self) -> bool:
        """Whether a look comes before the last one: then the stopping rule spends alpha at each look."""
        return bool(self.looks)

    @property
    def compares_first_band(self) -> bool:
        """Whether the arms differ in the first band alone, so that it must hold two therapists."""
        return all(arm.order in FIRST_BAND_ORDERS | {"list"} for arm in self.arms)

    def to_dict(self) -> dict[str, Any]:
        """Return the keys of the file that differ from their defaults, as JSON writes them."""
        return self.model_dump(mode="json", exclude_defaults=True)

    @property
    def digest(self) -> str:
        """SHA-256 of the keys that differ from their defaults, in hex. A comment of the file does not count."""
        text = json.dumps(self.to_dict(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()
