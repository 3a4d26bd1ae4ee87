"""Pairs in therapy now, as far as the records show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from attune_fit.data.cell_parsing import is_one_of
from attune_fit.data.clinic.pair_states import Pair

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.matching.day_lists.latest_events import LatestEvents


@dataclass(frozen=True)
class CurrentPairs:
    """Pairs in therapy, and pairs of which it is not known.

    Attributes
    ----------
    current : frozenset of Pair
        Pairs that started in the journal and have not ended, and pairs with a record in `outcomes` of the last
        ``follow_up.recent`` days.
    unclear : frozenset of Pair
        Pairs whose last record is older, or has no date: they can have ended without an event.
    """

    current: frozenset[Pair]
    unclear: frozenset[Pair]

    def count_current(self) -> dict[str, int]:
        """Return the number of clients in therapy with each therapist, by id; therapists without one are left out."""
        counts: dict[str, int] = {}
        for pair in self.current:
            counts[pair.therapist_id] = counts.get(pair.therapist_id, 0) + 1
        return counts


def list_current_pairs(clinic: Clinic, tables: Tables, latest: LatestEvents) -> CurrentPairs:
    """List the pairs that are in therapy, and those of which it is not known.

    A pair is in neither list if it ended, if the client dropped out, or if the client met another therapist later; the
    last does not count where the journal has the start of the pair.
    """
    pairs = _summarize_pairs(tables)
    first_recent_day = pd.Timestamp(tables.as_of) - pd.Timedelta(days=clinic.config.follow_up.recent)
    is_recent = pairs["last_on"] >= first_recent_day  # False for a pair without a date
    current: set[Pair] = set()
    unclear: set[Pair] = set()
    columns = pairs["client_id"], pairs["therapist_id"], is_recent, pairs["is_last"]
    for client_id, therapist_id, recent, is_last in zip(*columns, strict=True):
        pair = Pair(client_id, therapist_id)
        has_started = ("started", pair) in latest.of_pairs
        if pair not in tables.pair_states.ended and (is_last or has_started):
            (current if recent or has_started else unclear).add(pair)
    return CurrentPairs(frozenset(current), frozenset(unclear))


def _summarize_pairs(tables: Tables) -> pd.DataFrame:
    """Return one row for each pair of known people who met, without those whose client dropped out.

    Columns: ``client_id``, ``therapist_id``, ``last_on`` (day of the last record, NaT where unknown) and ``is_last``
    (whether the client met no other therapist later).
    """
    outcomes = tables.outcomes
    is_known = is_one_of(outcomes["client_id"], tables.clients["client_id"].tolist())
    is_known &= is_one_of(outcomes["therapist_id"], tables.therapists["therapist_id"].tolist())
    rows = outcomes.loc[is_known, ["client_id", "therapist_id", "measured_on"]]
    rows["has_left"] = outcomes.loc[is_known, "dropped_out"].eq("yes").fillna(False).astype(bool)
    pairs = rows.groupby(["client_id", "therapist_id"], sort=True).agg(
        began=("measured_on", "min"), last_on=("measured_on", "max"), has_left=("has_left", "any")
    )
    pairs = pairs.reset_index().sort_values(["client_id", "began"], kind="stable")
    pairs["is_last"] = ~pairs["client_id"].duplicated(keep="last")
    return pairs[~pairs["has_left"].astype(bool)]
