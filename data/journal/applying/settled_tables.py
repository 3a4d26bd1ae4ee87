"""Settlement of the journal's events with the tables of the export: each cell comes from one of the two."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from attune_fit.data.clinic.canonical_order import sort_canonically
from attune_fit.data.clinic.columns import TABLE_ID_COLUMNS, TABLES
from attune_fit.data.clinic.pair_states import Offer, Pair, PairStates
from attune_fit.data.clinic.tables import OPENING_COLUMNS, complete_opening_records, take_equal_frames
from attune_fit.data.faults import DataFault, Fault
from attune_fit.data.journal.applying.applied_journal import AppliedJournal
from attune_fit.data.journal.applying.cell_settlement import (
    NOT_UPDATED,
    SettledEvent,
    SettledRoster,
    compute_cell_digest,
)
from attune_fit.data.journal.applying.event_edits import CollectedEdits, RecordedOffer, RecordedStart, collect_edits
from attune_fit.data.journal.applying.settled_frames import (
    add_conflicts,
    add_records,
    build_rows,
    list_record_days,
    settle_people,
    settle_rosters,
    settle_wishes,
)
from attune_fit.data.journal.applying.unclear_cells import add_wishes, mask_unclear_cells
from attune_fit.data.reading.rows.similar_ids import suggest_similar_ids

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.data.journal.journal_event import JournalEvent

LATER = math.inf  # number of an event that is not recorded yet


def settle_events(
    clinic: Clinic,
    tables: Tables,
    events: Sequence[JournalEvent],
    undone: frozenset[int],
    known: AppliedJournal | None = None,
) -> AppliedJournal:
    """Return the tables with events in the order of their numbers, still with the number of the export's last event.

    ``known`` is an earlier result, of any export and events: where the rows are the same, they are not sorted again.
    """
    clients, therapists = frozenset(tables.clients["client_id"]), frozenset(tables.therapists["therapist_id"])
    _check_ids(tables, [event for event in events if event.number not in undone])
    edits = collect_edits(clients, therapists, events, undone)
    applied, settled = _settle_tables(clinic, tables, edits)
    unsorted = mask_unclear_cells(clinic.config, applied, _list_changed_columns(edits))
    applied = _sort_rows(unsorted, tables, known)
    found = sorted([*edits.settled, *settled], key=lambda one: (one.number, one.cell, one.why))
    contradicted = tuple(one for one in found if one.why != NOT_UPDATED)
    pending = tuple(one for one in found if one.why == NOT_UPDATED)
    return AppliedJournal(applied, contradicted, pending, undone, unsorted)


def _sort_rows(unsorted: Tables, export: Tables, known: AppliedJournal | None) -> Tables:
    """Return the tables in canonical order. Sorting takes most of the time, so equal rows keep the order of before."""
    pairs = [(export, export)]  # an export is sorted
    if known is not None and known.unsorted is not None:
        pairs.insert(0, (known.unsorted, known.tables))
    for before, after in pairs:
        taken = take_equal_frames(unsorted, before)
        if all(getattr(taken, name) is getattr(before, name) for name in TABLES):
            return replace(unsorted, **{name: getattr(after, name) for name in TABLES})
    return sort_canonically(unsorted)


def _check_ids(tables: Tables, events: Sequence[JournalEvent]) -> None:
    """Refuse an export that spells the id of a person of the journal in another way: what restricts would vanish."""
    faults = []
    recorded = {event.client_id for event in events}, {event.therapist_id for event in events}
    for (table, key), ids in zip(TABLE_ID_COLUMNS.items(), recorded, strict=True):
        known = getattr(tables, table)[key]
        if guess := suggest_similar_ids(pd.Series(sorted(filter(None, ids.difference(known)))), known):
            message = f"events are about ids that `{table}` spells in another way"
            fix = (
                f"Write the ids in the export as before. {guess} If the new spelling stays, forget the old id "
                f"(`attune journal CLINIC --forget-{key.removesuffix('_id')} ID`), and record again what still holds."
            )
            faults.append(Fault.error("respelled-id-since-journal", "journal", key, message, fix=fix))
    if faults:
        raise DataFault(faults)


def list_offers(events: Sequence[JournalEvent], undone: Collection[int], as_of: dt.date) -> tuple[Offer, ...]:
    """Return the open and accepted offers on a day as the events alone show them, without an export; sorted.

    Parameters
    ----------
    events : sequence of JournalEvent
        In the order of their numbers.
    undone : collection of int
        Numbers of events that count as never recorded.
    as_of : date
        The day: an offer whose last day is before it has expired.
    """
    clients = {event.client_id for event in events if event.client_id}
    therapists = {event.therapist_id for event in events if event.therapist_id}
    offers = collect_edits(clients, therapists, events, undone).offers
    return _split_offers(_list_recorded(offers), as_of)[0]


def _list_recorded(offers: Mapping[str, Mapping[str, RecordedOffer]]) -> dict[Pair, RecordedOffer]:
    """Return the offers by pair."""
    return {Pair(client_id, one): offer for client_id, own in offers.items() for one, offer in own.items()}


def _list_changed_columns(edits: CollectedEdits) -> set[tuple[str, str]]:
    """Return the table and the column of each cell that the journal has."""
    changed = {(table, column) for table, column, _ in edits.cells}
    return changed | {("preferences", "value")} if edits.wishes else changed


def _split_offers(
    recorded: Mapping[Pair, RecordedOffer], as_of: dt.date
) -> tuple[tuple[Offer, ...], tuple[Offer, ...]]:
    """Return the open and accepted offers, and the expired ones; each sorted."""
    offers: list[Offer] = []
    expired: list[Offer] = []
    for pair, offer in recorded.items():
        until = dt.date.fromisoformat(offer.until) if offer.until else None
        (expired if until is not None and until < as_of else offers).append(Offer(*pair, offer.state, until))
    return tuple(sorted(offers)), tuple(sorted(expired))


def _settle_tables(clinic: Clinic, tables: Tables, edits: CollectedEdits) -> tuple[Tables, list[SettledEvent]]:
    """Return the tables with all edits, in no order of rows, and the events that the export contradicts."""
    settled: list[SettledEvent] = []
    given = frozenset(tables.clients["client_id"])
    new = {one: number for one, number in edits.added.items() if one not in given}
    settled += [SettledEvent(number, "clients", "journal", NOT_UPDATED) for number in new.values()]
    clients = settle_people("clients", tables.clients, edits.cells, settled, sorted(new))
    therapists, rosters = settle_rosters(tables.therapists, edits.checks, settled)
    therapists = settle_people("therapists", therapists, edits.cells, settled)
    pair_states = _build_pair_states(tables, edits, rosters, settled)
    gone = [start for start in edits.starts if start.pair.client_id not in edits.clients]
    records = tables.opening_records
    if gone:
        rows = [{"client_id": one.pair[0], "therapist_id": one.pair[1], "measured_on": one.on} for one in gone]
        records = complete_opening_records(build_rows("outcomes", rows, records[OPENING_COLUMNS]))
    preferences, wishes = settle_wishes(tables, edits.wishes, settled)
    applied = replace(
        tables,
        clients=clients,
        therapists=therapists,
        preferences=preferences,
        outcomes=add_records(tables.outcomes, edits.records, edits.scores, settled),
        conflicts=add_conflicts(tables.conflicts, edits.conflicts),
        met_client_ids=tables.met_client_ids | edits.met,
        opening_records=records,
        pair_states=pair_states,
    )
    return add_wishes(clinic.config, applied, wishes), settled


def _build_pair_states(
    tables: Tables, edits: CollectedEdits, rosters: Mapping[str, SettledRoster], settled: list[SettledEvent]
) -> PairStates:
    """Return the states of pairs on the day of the tables; a start that only the export shows ends offers too."""
    days = list_record_days(tables.outcomes, {client_id for client_id, own in edits.offers.items() if own})
    recorded = _list_recorded(edits.offers)
    starts = {start.pair: start.number for start in edits.starts}
    for pair, offer in list(recorded.items()):
        if _has_started(days.get(pair.client_id, {}), pair, offer, starts):
            settled.append(SettledEvent(offer.number, "offer", "export", "export-has-start"))
            del recorded[pair]
    offers, expired = _split_offers(recorded, tables.as_of)
    dropouts = _list_dropouts(tables) if edits.starts else {}
    return PairStates(
        offers=offers,
        expired=expired,
        declined=frozenset(edits.declined),
        ended=frozenset(edits.ended),
        withdrawn=frozenset(edits.withdrawn),
        starts_since_check=frozenset(start.pair for start in edits.starts if _is_since_check(start, rosters, dropouts)),
    )


def _has_started(
    records: Mapping[str, tuple[str, str]], pair: Pair, offer: RecordedOffer, starts: Mapping[Pair, float]
) -> bool:
    """Return whether the export shows that the client started after the offer, with this therapist or a new one.

    ``records`` has the first and the last day of the client's records, by therapist id, and ``starts`` the number of
    the event by pair. A client whose therapy with another therapist goes on meanwhile has not started with this one.
    """
    for therapist_id, (first, last) in records.items():
        if therapist_id == pair.therapist_id:
            if last > offer.on:
                return True
        elif first > offer.on and starts.get(Pair(pair.client_id, therapist_id), LATER) > offer.number:
            return True
    return False


def _list_dropouts(tables: Tables) -> dict[Pair, str]:
    """Return the first day of a record that the pair ended early, ISO; empty where such a record has no date."""
    rows = tables.outcomes[tables.outcomes["dropped_out"] == "yes"]
    days = rows["measured_on"].dt.strftime("%Y-%m-%d").fillna("")
    dropouts: dict[Pair, str] = {}
    for client_id, therapist_id, day in zip(rows["client_id"], rows["therapist_id"], days, strict=True):
        pair = Pair(client_id, therapist_id)
        dropouts[pair] = min(day, dropouts.get(pair, day))
    return dropouts


def _is_since_check(start: RecordedStart, rosters: Mapping[str, SettledRoster], dropouts: Mapping[Pair, str]) -> bool:
    """Return whether a start uses an opening although the dates of the tables do not show it.

    The dates of the records show a first start after ``updated_on``. They do not show a start on the same day, one of a
    row without a date, and one of a pair that had ended.
    """
    roster = rosters[start.pair.therapist_id]
    if roster.updated_on is not None and start.on != roster.updated_on:
        is_again = start.is_again or dropouts.get(start.pair, start.on) < start.on
        return is_again and start.on > roster.updated_on
    if roster.number is not None:
        return roster.number < start.number
    if roster.updated_on is None and start.was_dated:
        return True  # the export lost the date: whether its number is from before the start is not known
    return start.replaced == compute_cell_digest((roster.open_slots, roster.updated_on))
