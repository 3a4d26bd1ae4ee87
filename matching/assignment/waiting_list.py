"""The waiting list as arrays: eligible pairs, their expected alliance, capacity, and the wait of each client."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from attune_fit.data.arrays import AnyInts, Bools, Floats, Indices
from attune_fit.data.clinic.columns import STRENGTHS
from attune_fit.data.fault_collector import build_unknown_column_fault, suggest_name
from attune_fit.data.faults import DataFault
from attune_fit.data.outcomes.openings import OPEN_SLOTS, count_held_openings
from attune_fit.matching.assignment.scored_blocks import ScoredBlock, score_waiting_clients

if TYPE_CHECKING:
    from attune_fit.data.clinic.settings import AssignmentSettings, Config
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.data.parallel.executor import Executor
    from attune_fit.features.sides import Sides
    from attune_fit.matching.eligibility.eligibility_rule import Rule
    from attune_fit.matching.eligibility.rule_bits import RuleBits
    from attune_fit.matching.ranking.scored_roster import RosterScorer


INELIGIBLE_RANK = np.iinfo(np.int32).max  # rank of a therapist who is not on the client's list

# The arrays of all pairs by attribute of WaitingList: their types, and the values of the pairs that a rule excludes.
PAIR_ARRAYS: dict[str, tuple[npt.DTypeLike, int]] = {
    "failed_rule_bits": (np.uint32, 0),
    "unknown_rule_bits": (np.uint32, 0),
    "score_above_baseline": (np.float64, 0),
    "n_wishes_honoured": (np.int16, 0),
    "is_listed": (np.bool_, 0),
    "rank": (np.int32, INELIGIBLE_RANK),
}
CLIENT_ARRAYS = ("rows", *PAIR_ARRAYS, "n_wishes_stated", "weeks_waited", "urgency")  # one row for each client


@dataclass(frozen=True)
class WaitingList:
    """Waiting clients and the whole roster, as arrays.

    Attributes
    ----------
    rows : array of int, shape (clients,)
        Row of each client in the table `clients`.
    rules : tuple of Rule
        The clinic's rules without the capacity rule.
    failed_rule_bits : array of int, shape (clients, therapists)
        Bit ``k`` is set where rule ``k`` excludes the pair.
    unknown_rule_bits : array of int, shape (clients, therapists)
        The subset of those bits that is set because a cell is unknown.
    score_above_baseline : array, shape (clients, therapists)
        Expected alliance above the client's own level, POMP: evidence, trees and therapist. The client's level is left
        out. So a client who rates every therapist lower does not wait longer. 0 where a rule excludes the pair.
    n_wishes_honoured : array of int, shape (clients, therapists)
        Number of the client's wishes that the therapist is known to honour; 0 where a rule excludes the pair.
    n_wishes_stated : array of int, shape (clients,)
        Number of wishes the client states.
    is_listed : array of bool, shape (clients, therapists)
        Whether the therapist is on the client's list as a ranking shows it: no rule excludes the pair, the capacity
        rule included.
    rank : array of int, shape (clients, therapists)
        Rank on that list; 1 is the first. Therapists whom only the capacity rule excludes follow after the list.
        :data:`INELIGIBLE_RANK` where another rule excludes the pair.
    capacity : array of int, shape (therapists,)
        Number of clients each therapist can take now.
    weeks_waited : array, shape (clients,)
        Weeks since referral.
    urgency : array, shape (clients,)
        The clinic's own urgency column. In both arrays an unknown value is the median of the known values, so that it
        gives no advantage and no disadvantage. If no value is known, all are 0.
    """

    rows: Indices
    rules: tuple[Rule, ...]
    failed_rule_bits: RuleBits
    unknown_rule_bits: RuleBits
    score_above_baseline: Floats
    n_wishes_honoured: AnyInts
    n_wishes_stated: AnyInts
    is_listed: Bools
    rank: AnyInts
    capacity: AnyInts
    weeks_waited: Floats
    urgency: Floats

    @classmethod
    def build(
        cls,
        scorer: RosterScorer,
        rows: Indices,
        report_progress: Callable[[str], None] | None = None,
        executor: Executor | None = None,
    ) -> WaitingList:
        """Check and score waiting clients with the whole roster, block by block.

        Parameters
        ----------
        scorer : RosterScorer
        rows : array of int, shape (clients,)
            Rows of the waiting clients in the table `clients`.
        report_progress : callable, optional
            Takes a progress message.
        executor : Executor, optional
            Scores the blocks; this process by default. The result does not depend on it.

        Raises
        ------
        DataFault
            As :func:`read_urgency`.
        """
        shape = len(rows), scorer.sides.count_rows("therapist")
        arrays: dict[str, npt.NDArray[Any]] = {
            name: np.full(shape, fill, dtype=kind) for name, (kind, fill) in PAIR_ARRAYS.items()
        }
        done = 0
        for scored in score_waiting_clients(scorer, rows, executor):
            block = slice(done, done + len(scored.excluded_bits))
            _fill_block({name: values[block] for name, values in arrays.items()}, scored, scorer.rules)
            done = block.stop
            if report_progress and done < len(rows):
                report_progress(f"{done:,} of {len(rows):,} clients scored")
        wishes = scorer.sides.build_wish_table()
        stated = sum(wishes.count_stated(strength, rows) for strength in STRENGTHS)
        weeks = (pd.Timestamp(scorer.tables.as_of) - scorer.tables.clients["referred_on"]).dt.days / 7
        urgency = read_urgency(scorer.clinic.config, scorer.tables)
        return cls(
            rows=rows,
            rules=tuple(rule for rule in scorer.rules if rule.name != OPEN_SLOTS),
            capacity=compute_capacity(scorer.sides, scorer.clinic.config.assign),
            weeks_waited=np.maximum(_fill_with_median(weeks.to_numpy(float)[rows]), 0),
            urgency=_fill_with_median(urgency[rows]),
            n_wishes_stated=np.asarray(stated).astype(np.int64),
            **arrays,
        )

    @property
    def empty_assignment(self) -> Indices:
        """Return an assignment without a therapist: -1 for each client, shape (clients,)."""
        return np.full(len(self.rows), -1, dtype=np.intp)

    @cached_property
    def is_eligible(self) -> Bools:
        """Return whether no rule excludes the pair, shape (clients, therapists); :attr:`capacity` is separate."""
        return np.asarray(self.failed_rule_bits == 0)

    def take(self, clients: Indices | Bools, **changes: Any) -> WaitingList:
        """Return the waiting list of some of its clients, with these attributes changed."""
        if clients.dtype == np.bool_ and clients.all():
            return replace(self, **changes)  # no copies of large arrays
        return replace(self, **{**{name: getattr(self, name)[clients] for name in CLIENT_ARRAYS}, **changes})


def compute_capacity(sides: Sides, settings: AssignmentSettings) -> AnyInts:
    """Return the number of clients each therapist can take in one run, shape (therapists,).

    These are the openings of :func:`count_openings`; none for a therapist who is set aside. An unknown `open_slots`
    counts as ``assign.unknown_slots``, minus the openings that offers hold; ``assign.most_each`` limits all.
    """
    openings = np.where(sides.is_set_aside("therapist"), 0.0, sides.count_openings())
    assumed = np.maximum(settings.unknown_slots - count_held_openings(sides.tables), 0)
    slots = np.where(np.isnan(openings), assumed, openings).astype(np.int64)
    return slots if settings.most_each is None else np.minimum(slots, settings.most_each)


def read_urgency(config: Config, tables: Tables) -> Floats:
    """Return the clinic's own urgency column, shape (all clients,); NaN where unknown.

    Without ``assign.urgency_column`` every client's urgency is 0.

    Raises
    ------
    DataFault
        If `clients` has no column with the name in ``assign.urgency_column``, or the column is not numeric.
    """
    name, clients = config.assign.urgency_column, tables.clients
    if not name:
        return np.zeros(len(clients))
    if name in clients and pd.api.types.is_numeric_dtype(clients[name]):
        return clients[name].to_numpy(float)
    place, known = "assign.urgency_column", clients.select_dtypes("number").columns
    if name not in clients:
        raise DataFault([build_unknown_column_fault(place, "clients", name, known)])
    message, fix = f"`{name}` does not hold numbers", suggest_name(name, known)
    raise DataFault.error("column-not-numeric", "clinic.toml", place, message, fix=fix)


def _fill_block(arrays: Mapping[str, npt.NDArray[Any]], block: ScoredBlock, rules: Sequence[Rule]) -> None:
    """Write the arrays of a block of clients, by attribute of :class:`WaitingList`."""
    arrays["failed_rule_bits"][:] = _drop_capacity_bit(block.excluded_bits, rules)
    arrays["unknown_rule_bits"][:] = _drop_capacity_bit(block.unknown_bits, rules)
    arrays["is_listed"][:] = block.excluded_bits == 0
    for name in ("score_above_baseline", "n_wishes_honoured", "rank"):
        arrays[name][block.client, block.therapist] = getattr(block, name)


def _drop_capacity_bit(bits: RuleBits, rules: Sequence[Rule]) -> RuleBits:
    """Return the bits without that of the capacity rule: openings are the capacity of an assignment."""
    names = [rule.name for rule in rules]
    if OPEN_SLOTS not in names:
        return bits
    below = np.uint32((1 << names.index(OPEN_SLOTS)) - 1)
    return (bits & below) | (bits >> np.uint32(1) & ~below)


def _fill_with_median(values: Floats) -> Floats:
    """Replace unknown values by the median of the known values; by 0 if none is known."""
    known = values[~np.isnan(values)]
    return np.where(np.isnan(values), np.median(known) if len(known) else 0.0, values)
