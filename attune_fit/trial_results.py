"""What the commands of a trial return: the plan with its power, and an analysis with what it means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from attune_fit.training.trials.trial_analysis import FOUND, GO_ON, NOT_PLANNED

if TYPE_CHECKING:
    import pandas as pd

    from attune_fit.training.trials.sealed_trial import Look, Trial
    from attune_fit.training.trials.trial_plan import TrialPlan
    from attune_fit.training.trials.trial_power import TrialPower
    from attune_fit.trial_lists import ExpectedDifference

LEAST_POWER = 0.80


@dataclass(frozen=True)
class PlannedTrial:
    """A plan with its power, and whether it is sealed.

    Attributes
    ----------
    plan : TrialPlan
    power : TrialPower
    expected : ExpectedDifference or None
        What the model itself expects; None where it was not computed.
    analysis_plan : str
    is_sealed : bool
        False for a preview.
    planned_on : str
        Day of the seal, ISO; empty for a preview.
    """

    plan: TrialPlan
    power: TrialPower
    expected: ExpectedDifference | None
    analysis_plan: str
    is_sealed: bool
    planned_on: str = ""

    @property
    def summary(self) -> str:
        """The plan in one line."""
        state = "sealed" if self.is_sealed else "a preview: nothing is sealed"
        return f"{self.plan.name}: {state}; power {self.power.power:.2f} at {self.plan.n_outcomes:,} outcomes"

    @property
    def advice(self) -> tuple[str, ...]:
        """What to know before the first client is allocated, one sentence each."""
        found = []
        if self.power.power < LEAST_POWER:
            n = f"{self.power.n_for_80:,}" if self.power.n_for_80 else "more than a million"
            found.append(f"The power is below {LEAST_POWER:.0%}. For that, the trial needs about {n} outcomes.")
        if self.expected is not None and abs(self.expected.sd) < self.plan.smallest_effect:
            found.append(
                f"The model itself expects a difference of {self.expected.sd:.2f} SD, less than the "
                f"{self.plan.smallest_effect:g} SD that this trial is planned for."
            )
        return tuple(found)

    def to_dict(self) -> dict[str, Any]:
        """Return the plan in the types of JSON."""
        return {
            "name": self.plan.name, "is_sealed": self.is_sealed, "planned_on": self.planned_on or None,
            "digest": self.plan.digest, "plan": self.plan.model_dump(mode="json"), "power": self.power.to_dict(),
            "expected": _drop_nan(asdict(self.expected)) if self.expected else None, "advice": list(self.advice),
            "analysis_plan": self.analysis_plan,
        }  # fmt: skip


@dataclass(frozen=True)
class TrialAnalysis:
    """One look at a trial.

    Attributes
    ----------
    trial : Trial
    look : Look
    n_without_outcome : dict of str to int
        Allocated clients who do not count, by arm.
    adherence : dict of str to (float or None)
        Share of clients who started with the first place of their list, by arm; None under 10 clients.
    unit : str
    is_new : bool
        False for a look that was made before.
    """

    trial: Trial
    look: Look
    n_without_outcome: Mapping[str, int]
    adherence: Mapping[str, float | None]
    unit: str
    is_new: bool

    @property
    def conclusion(self) -> str:
        """The answer in one or two sentences."""
        first, second = (arm.name for arm in self.trial.plan.arms)
        look, unit = self.look, f" {self.unit}" if self.unit else ""
        size = f"{look.estimate:+.2f}{unit} [{look.low:.2f}, {look.high:.2f}]"
        if look.decision == FOUND:
            return f"{first} and {second} differ: {size}. The trial stops."
        if look.decision == GO_ON:
            return "The boundary is not reached. The trial goes on."
        if look.decision == NOT_PLANNED:
            return f"This look was not planned: it decides nothing. Difference {size}."
        smallest = self.trial.plan.smallest_effect
        scale = abs(look.estimate / look.estimate_sd) if look.estimate_sd else 0.0  # the unit of 1 SD
        if scale and max(abs(look.low), abs(look.high)) < smallest * scale:
            return f"A difference of {smallest:g} SD or more is excluded: {size}. The trial has ended."
        return f"No difference was shown: {size}. These data cannot exclude {smallest:g} SD. The trial has ended."

    @property
    def n_unplanned_looks(self) -> int:
        """Looks that were not planned."""
        return len(self.trial.looks) - len(self.trial.planned_looks)

    def to_dict(self) -> dict[str, Any]:
        """Return the analysis in the types of JSON."""
        return {
            "trial": self.trial.plan.name, "claim": self.trial.plan.claim, "is_new": self.is_new,
            "conclusion": self.conclusion, "arms": [arm.name for arm in self.trial.plan.arms],
            "outcome": self.trial.plan.outcome, "unit": self.unit, **asdict(self.look),
            "n_without_outcome": dict(self.n_without_outcome), "adherence": dict(self.adherence),
            "n_unplanned_looks": self.n_unplanned_looks, "digest": self.trial.plan.digest,
        }  # fmt: skip


def build_looks_frame(plan: TrialPlan, power: TrialPower) -> pd.DataFrame:
    """Return the planned looks: outcomes, boundary of |z|, and the share of simulated trials that stop there."""
    import pandas as pd

    from attune_fit.training.trials.stopping_rule import compute_boundaries, list_planned_looks

    boundaries = compute_boundaries(list_planned_looks(plan.all_looks, plan.n_outcomes), plan.alpha)
    return pd.DataFrame({"outcomes": plan.all_looks, "boundary": boundaries, "stops": power.stops})


def build_look_frame(look: Look) -> pd.DataFrame:
    """Return a look as a table of one row."""
    import pandas as pd

    return pd.DataFrame([asdict(look)])


def _drop_nan(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: None if value != value else value for name, value in fields.items()}
