"""The waiting list as arrays: who may be placed with whom, what is expected of it, how long each client has waited."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from attune_fit.data.arrays import AnyInts, Bools, Floats, Indices
from attune_fit.data.clinic.settings import RuleSetting
from attune_fit.data.fault_collector import suggest_name
from attune_fit.data.faults import DataFault
from attune_fit.matching.ranking.rank import MAX_PAIRS_PER_BLOCK
from attune_fit.matching.ranking.scored_roster import count_honoured_wishes

if TYPE_CHECKING:
    from attune_fit.data.clinic.settings import AssignmentSettings, Config
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.matching.eligibility.rules import Rule
    from attune_fit.matching.ranking.scored_roster import RosterScorer, ScoredRoster


OPEN_SLOTS = "open_slots"  # the rule that capacity stands in for: it asks for one opening, a placement counts them
INELIGIBLE_RANK = np.iinfo(np.int32).max  # place on a client's list of a therapist who is not on it


@dataclass(frozen=True)
class WaitingList:
    """Some clients who wait, and the whole roster.

    Attributes
    ----------
    rows : array of int, shape (clients,)
        Where they stand in the table.
    rules : tuple of Rule
        The rules held against the pairs, room left aside.
    failed_rule_bits : array of int, shape (clients, therapists)
        Bit ``k`` is set where rule ``k`` leaves the pair out.
    unknown_rule_bits : array of int, same shape
        Those of the bits that are set for want of a cell.
    score_above_baseline : array, same shape
        What is expected beyond the client's own level, POMP: evidence, trees and therapist. The client's level is left
        out, so that nobody waits longer for being hard to please.
    n_wishes_honoured : array of int, shape (clients, therapists)
        How many of the client's wishes the therapist is known to honour.
    n_wishes_stated : array of int, shape (clients,)
        How many wishes the client states.
    rank : array of int, shape (clients, therapists)
        1 is the first of the client's own list, were there room with everyone.
    capacity : array of int, shape (therapists,)
        How many clients each can take now.
    weeks_waited, urgency : arrays of shape (clients,)
        Time since referral, and the clinic's own column. Where unknown, the median of the others, so that the client is
        neither favoured nor put back; 0 where it is known of nobody.
    """

    rows: Indices
    rules: tuple[Rule, ...]
    failed_rule_bits: AnyInts
    unknown_rule_bits: AnyInts
    score_above_baseline: Floats
    n_wishes_honoured: AnyInts
    n_wishes_stated: AnyInts
    rank: AnyInts
    capacity: AnyInts
    weeks_waited: Floats
    urgency: Floats

    @classmethod
    def build(cls, desk: RosterScorer, rows: Indices, say: Callable[[str], None] | None = None) -> WaitingList:
        """Judge and score some clients against the whole roster, block by block."""
        desk, asked = _without_capacity_rule(desk), desk.clinic.config.assign
        blocks, done = [], 0
        for board in desk.score_blocks(rows, MAX_PAIRS_PER_BLOCK):
            blocks.append(_build_block(board))
            done += len(board.pairs.client_rows)
            if say and done < len(rows):
                say(f"{done:,} of {len(rows):,} clients scored")
        arrays = {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}
        waited = (pd.Timestamp(desk.tables.as_of) - desk.tables.clients["referred_on"]).dt.days / 7
        urgent = read_urgency(desk.clinic.config, desk.tables)
        return cls(
            rows=rows,
            rules=desk.rules,
            capacity=compute_capacity(desk.tables, asked),
            weeks_waited=np.maximum(_fill_with_median(waited.to_numpy(float)[rows]), 0),
            urgency=_fill_with_median(urgent[rows]),
            **arrays,
        )

    @property
    def empty_assignment(self) -> Indices:
        """No therapist for anyone: -1, shape (clients,)."""
        return np.full(len(self.rows), -1, dtype=np.intp)

    @property
    def is_eligible(self) -> Bools:
        """Whether no rule leaves the pair out; if there is room is :attr:`compute_capacity`'s to say."""
        return np.asarray(self.failed_rule_bits == 0)

    def take(self, some: Indices | Bools, **changes: Any) -> WaitingList:
        """The list with some of its clients only, and these attributes changed."""
        mine = (
            "rows",
            "failed_rule_bits",
            "unknown_rule_bits",
            "score_above_baseline",
            "n_wishes_honoured",
            "n_wishes_stated",
            "rank",
            "weeks_waited",
            "urgency",
        )
        return replace(self, **{**{name: getattr(self, name)[some] for name in mine}, **changes})


def compute_capacity(tables: Tables, asked: AssignmentSettings) -> AnyInts:
    """How many clients each therapist can take in one run, shape (therapists,)."""
    room = tables.therapists[OPEN_SLOTS].fillna(asked.unknown_slots).to_numpy(np.int64)
    return room if asked.most_each is None else np.minimum(room, asked.most_each)


def read_urgency(config: Config, tables: Tables) -> Floats:
    """The clinic's own column of urgency, shape (all clients,), NaN where unknown; 0 where it names none.

    Raises
    ------
    DataFault
        If ``assign.urgency_column`` is no column of `clients`, or holds something else than numbers.
    """
    name, clients = config.assign.urgency_column, tables.clients
    if not name:
        return np.zeros(len(clients))
    if name in clients and pd.api.types.is_numeric_dtype(clients[name]):
        return clients[name].to_numpy(float)
    says = f"`{name}` does not hold numbers" if name in clients else f"clients has no column `{name}`"
    fix = suggest_name(name, clients.select_dtypes("number").columns)
    raise DataFault.error("clinic.toml", "assign.urgency_column", says, fix=fix)


def _build_block(board: ScoredRoster) -> dict[str, npt.NDArray[Any]]:
    """What a block of the list holds."""
    parts, judged = board.parts, board.eligibility
    bits = 1 << np.arange(len(judged.rules), dtype=np.int32)
    stated = sum(board.pairs.count_stated_wishes(strength) for strength in ("must", "prefer", "avoid", "never"))
    return {
        "failed_rule_bits": np.tensordot(bits, judged.is_excluded, axes=1),
        "unknown_rule_bits": np.tensordot(bits, judged.is_excluded & judged.is_unknown, axes=1),
        "score_above_baseline": parts.evidence + parts.learned + parts.therapist,
        "n_wishes_honoured": count_honoured_wishes(board.pairs).astype(np.int16),
        "n_wishes_stated": np.asarray(stated)[:, 0].astype(np.int64),
        "rank": np.where(judged.is_eligible, board.positions.rank, INELIGIBLE_RANK).astype(np.int32),
    }


def _without_capacity_rule(desk: RosterScorer) -> RosterScorer:
    """The same desk without the rule that asks for an opening."""
    config = desk.clinic.config
    rules = {**config.rules, OPEN_SLOTS: RuleSetting(on=False)}
    roomy = replace(desk, clinic=replace(desk.clinic, config=config.model_copy(update={"rules": rules})))
    roomy.__dict__["sides"] = desk.sides  # what was read of the tables is the same: it need not be read twice
    return roomy


def _fill_with_median(values: Floats) -> Floats:
    """Unknown becomes the median of what is known."""
    known = values[~np.isnan(values)]
    return np.where(np.isnan(values), np.median(known) if len(known) else 0.0, values)
