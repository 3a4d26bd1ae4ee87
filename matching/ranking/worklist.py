"""Worklist: one entry for each client, with who is first, how long the client waits, and what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attune_fit.data.clinic.offer_texts import describe_offered_therapist
from attune_fit.features.feature import ANY_COLUMN

if TYPE_CHECKING:
    from attune_fit.data.clinic.pair_states import Offer
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.matching.ranking.ranking_result import Ranking
    from attune_fit.matching.ranking.scored_roster import RosterScorer

FEW_CANDIDATES = 3  # up to so many, other clients can soon take them all


@dataclass(frozen=True)
class WorklistEntry:
    """What a coordinator needs about one client to decide whom to call first.

    Attributes
    ----------
    client_id : str
    first : str
        Id of the first candidate; empty without a candidate.
    n_in_first_band : int
        How many candidates share the first band with ``first``, who is counted too.
    n_candidates : int
    days_waited : int or None
        Days from ``clients.referred_on`` to the date of the tables, >= 0; None where unknown.
    missing_columns : tuple of str
        Columns of ``clients`` that are unknown for this client, of :func:`list_useful_columns`.
    exclusion_counts : tuple of (str, int)
        As :meth:`Ranking.count_exclusions`.
    met_therapists : tuple of str
        Ids of the therapists whom the client has met already, the latest last.
    is_set_aside : bool
        Whether the client is on no list, because a cell that restricts the client cannot be read.
    offers, expired_offers : tuple of str
        Therapists whose offer to the client is open or accepted, and those whose offer expired without an answer; each
        id with the last day of the offer, such as ``t03 until 2026-12-06``.
    """

    client_id: str
    first: str
    n_in_first_band: int
    n_candidates: int
    days_waited: int | None
    missing_columns: tuple[str, ...]
    exclusion_counts: tuple[tuple[str, int], ...]
    met_therapists: tuple[str, ...] = ()
    is_set_aside: bool = False
    offers: tuple[str, ...] = ()
    expired_offers: tuple[str, ...] = ()


def build_worklist(rankings: Sequence[Ranking], scorer: RosterScorer) -> tuple[WorklistEntry, ...]:
    """Build one entry for each ranking, sorted by who needs a coordinator first.

    Clients who are set aside come first, then those without a candidate, then those with up to
    :data:`FEW_CANDIDATES`, then the others. In each group the longest wait comes first. An unknown wait counts as the
    median of the known ones, as in an assignment, so that it gives no advantage and no disadvantage. Equal waits are
    in the order of ids.

    Parameters
    ----------
    rankings : sequence of Ranking
    scorer : RosterScorer
        With the tables and the model of the rankings.
    """
    clients, columns = scorer.tables.clients, list_useful_columns(scorer)
    row_of = {client_id: row for row, client_id in enumerate(clients["client_id"])}
    waits = (pd.Timestamp(scorer.tables.as_of) - clients["referred_on"]).dt.days.clip(lower=0).to_numpy(float)
    is_unknown = clients[columns].isna().to_numpy(bool)
    set_aside, states = scorer.tables.list_set_aside("clients"), scorer.tables.pair_states
    entries: list[WorklistEntry] = []
    for ranking in rankings:
        row = row_of[ranking.client_id]
        missing = tuple(name for name, unknown in zip(columns, is_unknown[row], strict=True) if unknown)
        entry = _build_entry(ranking, float(waits[row]), missing)
        entries.append(
            replace(
                entry,
                is_set_aside=ranking.client_id in set_aside,
                offers=_list_therapists(states.offers, ranking.client_id),
                expired_offers=_list_therapists(states.expired, ranking.client_id),
            )
        )
    known = [entry.days_waited for entry in entries if entry.days_waited is not None]
    median = float(np.median(known)) if known else 0.0

    def compute_sort_key(entry: WorklistEntry) -> tuple[bool, int, float, str]:
        group = 0 if not entry.n_candidates else 1 if entry.n_candidates <= FEW_CANDIDATES else 2
        return (
            not entry.is_set_aside,
            group,
            -(median if entry.days_waited is None else entry.days_waited),
            entry.client_id,
        )

    return tuple(sorted(entries, key=compute_sort_key))


def list_useful_columns(scorer: RosterScorer) -> list[str]:
    """List the columns of ``clients`` whose answer can change a list: those of rules, then those of pair features.

    A column is left out if the clinic asks no client for it, or has no data on the side of the therapists.
    """
    tables = scorer.tables
    by_rules = [
        place.removeprefix("clients.")
        for rule in scorer.rules
        if not rule.list_empty_columns(tables)
        for place in rule.input_columns
        if place.startswith("clients.")
    ]
    by_features = [
        column
        for feature in scorer.model.features
        if feature.side == "pair" and _has_data(tables, feature.therapist)
        for column in feature.client
    ]
    columns = dict.fromkeys([*by_rules, *by_features])
    return [name for name in columns if name in tables.clients and tables.clients[name].notna().any()]


def _has_data(tables: Tables, columns: tuple[str, ...]) -> bool:
    """Return whether any of these columns of `therapists` has a known cell."""
    roster = tables.therapists
    return any(name in roster and bool(roster[name].notna().any()) for name in columns if name != ANY_COLUMN)


def _list_therapists(offers: Sequence[Offer], client_id: str) -> tuple[str, ...]:
    """Return the therapists of the client's offers, each with the last day of the offer."""
    return tuple(describe_offered_therapist(offer) for offer in offers if offer.client_id == client_id)


def _build_entry(ranking: Ranking, days: float, missing_columns: tuple[str, ...]) -> WorklistEntry:
    therapist_ids = ranking.arrays.therapist_ids
    return WorklistEntry(
        client_id=ranking.client_id,
        first=therapist_ids[0] if therapist_ids else "",
        n_in_first_band=int((ranking.arrays.band == 1).sum()),
        n_candidates=len(therapist_ids),
        days_waited=None if np.isnan(days) else int(days),
        missing_columns=missing_columns,
        exclusion_counts=ranking.count_exclusions(),
        met_therapists=ranking.met_therapists,
    )
