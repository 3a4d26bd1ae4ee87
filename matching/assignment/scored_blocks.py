"""Score blocks of waiting clients with the whole roster, on any number of processes.

The size of a block follows from the size of the roster, never from the number of processes: the arrays are the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from attune_fit.data.arrays import Floats, Indices
from attune_fit.data.outcomes.openings import OPEN_SLOTS
from attune_fit.data.parallel.executor import Executor, SerialExecutor
from attune_fit.matching.ranking.rank import MAX_PAIRS_PER_BLOCK
from attune_fit.matching.ranking.scored_roster import count_honoured_wishes

if TYPE_CHECKING:
    from attune_fit.matching.eligibility.rule_bits import RuleBits
    from attune_fit.matching.ranking.scored_roster import RosterScorer, ScoredRoster


class ScoredBlock(NamedTuple):
    """A block of clients with the whole roster, and its scored pairs: those that at most the capacity rule excludes.

    Attributes
    ----------
    excluded_bits, unknown_bits : array of uint32, shape (clients, therapists)
        As in :class:`EligibilityResult`; the unknown bits of rules that exclude the pair only.
    client, therapist : array of int, shape (scored pairs,)
        Which of the block's clients each scored pair is of, and the row of its therapist.
    score_above_baseline : array, shape (scored pairs,)
    n_wishes_honoured, rank : array of int, shape (scored pairs,)
        As in :class:`WaitingList`.
    """

    excluded_bits: RuleBits
    unknown_bits: RuleBits
    client: npt.NDArray[np.int32]
    therapist: npt.NDArray[np.int32]
    score_above_baseline: Floats
    n_wishes_honoured: npt.NDArray[np.int16]
    rank: npt.NDArray[np.int32]


def score_waiting_clients(
    scorer: RosterScorer, client_rows: Indices, executor: Executor | None = None
) -> Iterator[ScoredBlock]:
    """Check, score and rank the whole roster for the clients, block by block in their order.

    Parameters
    ----------
    scorer : RosterScorer
    client_rows : array of int, shape (clients,)
    executor : Executor, optional
        Default: this process.

    Yields
    ------
    ScoredBlock
    """
    executor = executor or SerialExecutor()
    # other processes compute what can be computed again
    context = scorer if executor.n_workers == 1 else replace(scorer, shared_sides=None)
    step = max(1, MAX_PAIRS_PER_BLOCK // max(1, scorer.sides.count_rows("therapist")))
    blocks = [client_rows[start : start + step] for start in range(0, len(client_rows), step)]
    yield from executor.map_ordered(score_block, blocks, context)


def score_block(scorer: RosterScorer, client_rows: Indices) -> ScoredBlock:
    """Check, score and rank the whole roster for a block of clients."""
    roster = scorer.score_clients(client_rows, scored_anyway=(OPEN_SLOTS,))
    parts, eligibility = roster.parts, roster.eligibility
    return ScoredBlock(
        eligibility.excluded_bits,
        eligibility.excluded_bits & eligibility.unknown_bits,
        roster.client.astype(np.int32),
        roster.pairs.therapist_rows.astype(np.int32),
        parts.order_score_above_baseline,
        count_honoured_wishes(roster.pairs).astype(np.int16),
        _rank_scored(roster).astype(np.int32),
    )


def _rank_scored(roster: ScoredRoster) -> Indices:
    """Return the rank of each scored pair: on the list that a ranking shows; the others follow by score."""
    rank = roster.rank.copy()
    others = np.flatnonzero(rank == 0)
    client = roster.client[others]
    order = np.lexsort((-roster.parts.order_score[others], client))  # stable: equals keep the order of the roster
    others = others[order]
    n_listed = np.bincount(roster.client[rank > 0], minlength=len(roster.client_rows))
    rank[others] = n_listed[client] + np.arange(len(others)) - np.searchsorted(client, client) + 1
    return rank
