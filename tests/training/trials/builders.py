"""Plans and trials for the tests."""

from __future__ import annotations

from typing import Any

from attune_fit.training.trials.sealed_trial import Trial
from attune_fit.training.trials.trial_plan import TrialPlan
from attune_fit.training.trials.trial_registry import build_trial

ARMS = [{"name": "attune", "order": "list"}, {"name": "random", "order": "all_at_random"}]


def build_plan(**keys: Any) -> TrialPlan:
    """A plan with a look at 40 of 80 outcomes."""
    return TrialPlan(**{"name": "first_place", "claim": "Order helps.", "arms": ARMS, "n_outcomes": 80,
                        "looks": [40], "seed": 7, **keys})  # fmt: skip


def build_planned(**keys: Any) -> Trial:
    """A trial that is not sealed yet."""
    return build_trial(build_plan(**keys), {"power": 0.5}, "# Plan")


def draft(arm: int) -> dict[str, Any]:
    """The fields of an allocation that depend on the list."""
    return {"seed": 3 + arm, "shown": ["t1", "t2"], "data": "d", "bundle": "b", "policy": "p", "as_of": "2026-01-01",
            "events": 0}  # fmt: skip
