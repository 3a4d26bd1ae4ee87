"""How many processes score a number of pairs, and what each of them needs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from attune_fit.data.parallel.executor import count_cores

if TYPE_CHECKING:
    from attune_fit.matching.ranking.scored_roster import RosterScorer

LEAST_PAIRS_PER_PROCESS = 1_000_000  # fewer are scored before another process has started


def choose_jobs(pairs: int) -> int:
    """Return how many processes repay their start for a number of pairs, at most one for each core."""
    return max(1, min(count_cores(), pairs // LEAST_PAIRS_PER_PROCESS))


def prepare_worker() -> None:
    """Load what scoring needs, in a process that does nothing else."""
    from attune_fit.matching.ranking import scored_roster
    from attune_fit.models.lightgbm_loading import load_lightgbm, suppress_scikit_learn

    suppress_scikit_learn()
    load_lightgbm()
    del scored_roster  # it was imported with all that it needs


def drop_caches(scorer: RosterScorer) -> RosterScorer:
    """Return the scorer as another process needs it: what can be computed again is not sent."""
    return replace(scorer, shared_sides=None)
