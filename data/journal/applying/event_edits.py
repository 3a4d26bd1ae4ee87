"""What each type of event changes: one row of :data:`EVENT_EDITS` for each, and the collection of all changes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from attune_fit.data.clinic.pair_states import OfferState, Pair
from attune_fit.data.faults import DataFault
from attune_fit.data.journal.applying.cell_settlement import (
    CHECK_DATE_CELL,
    ROSTER_CELL,
    THERAPIST_WISH,
    CellChange,
    RosterCheck,
    SettledEvent,
    compute_cell_digest,
    find_wished_value,
    format_cell_name,
    format_wish_name,
    normalize_cell,
)
from attune_fit.data.journal.events.reason_codes import DROPPED_OUT, WITHDRAWN
from attune_fit.data.journal.journal_event import JournalEvent

UNKNOWN_CELL = compute_cell_digest(None)
SCORE_CELLS = ("session", "instrument", "rater", "score", "goal", "task", "bond")

PersonCell = tuple[str, str, str]  # table, column, id
WishTopic = tuple[str, str]  # client id, attribute


class RecordedOffer(NamedTuple):
    """An offer that is open or accepted after all events, whatever the day.

    ``on`` is the day of the offer and ``until`` its last day, both ISO; ``number`` is that of the last event about it.
    """

    state: OfferState
    on: str
    until: str | None
    number: int


class RecordedStart(NamedTuple):
    """A start of therapy.

    ``replaced`` is the digest of the roster row, ``was_dated`` whether that row had a date of its check, and
    ``is_again`` whether the pair had ended before.
    """

    number: int
    pair: Pair
    on: str
    replaced: str | None
    was_dated: bool
    is_again: bool


class RecordedRow(NamedTuple):
    """A row of outcomes with its known cells, numbers and texts; ``number`` is that of the event."""

    number: int
    pair: Pair
    on: str
    cells: dict[str, float | str]


@dataclass
class CollectedEdits:
    """All changes of the events, by what they change; nothing is settled with the export yet.

    Attributes
    ----------
    clients, therapists : collection of str
        Ids of the people whom the export has, and of the clients whom the journal added.
    added : dict
        Number of the event that added a client, by id; the export can have the client too.
    cells : dict
        Changes of cells of clients and therapists, by (table, column, id).
    wishes : dict
        Changes of strengths by value, by (client id, attribute).
    checks : dict
        Checks of roster rows, by therapist id.
    offers : dict
        Open and accepted offers by therapist id, by client id.
    declined, ended : set of Pair
    withdrawn : set of str
        Ids of clients whose last decline was that they no longer seek therapy.
    starts, records, scores : list
        Rows for the outcomes.
    conflicts : dict
        Code of the reason, by pair; None where it has none.
    met : set of str
        Ids of the clients who met a therapist, one who has left too.
    settled : list of SettledEvent
        Events about people whom the export does not have.
    """

    clients: Collection[str]
    therapists: Collection[str]
    added: dict[str, int] = field(default_factory=dict)
    cells: dict[PersonCell, list[CellChange]] = field(default_factory=dict)
    wishes: dict[WishTopic, dict[str, list[CellChange]]] = field(default_factory=dict)
    checks: dict[str, list[RosterCheck]] = field(default_factory=dict)
    offers: dict[str, dict[str, RecordedOffer]] = field(default_factory=dict)
    declined: set[Pair] = field(default_factory=set)
    ended: set[Pair] = field(default_factory=set)
    withdrawn: set[str] = field(default_factory=set)
    starts: list[RecordedStart] = field(default_factory=list)
    records: list[RecordedRow] = field(default_factory=list)
    scores: list[RecordedRow] = field(default_factory=list)
    conflicts: dict[Pair, str | None] = field(default_factory=dict)
    met: set[str] = field(default_factory=set)
    settled: list[SettledEvent] = field(default_factory=list)


def collect_edits(
    clients: Collection[str], therapists: Collection[str], events: Iterable[JournalEvent], undone: Collection[int]
) -> CollectedEdits:
    """Return all changes of the events.

    Parameters
    ----------
    clients, therapists : collection of str
        Ids of the people whom the export has.
    events : iterable of JournalEvent
        In the order of their numbers.
    undone : collection of int
        Numbers of the events that were taken back. They change nothing; only what they replaced is still needed.

    Raises
    ------
    DataFault
        If an event is of a type that this version of Attune does not know.
    """
    events = [event for event in events if event.type != "undone"]
    added = {
        str(event.client_id): event.number
        for event in events
        if event.type == "client_added" and event.number not in undone and event.client_id
    }
    edits = CollectedEdits(frozenset(clients).union(added), frozenset(therapists), added)
    for event in events:
        edit = EVENT_EDITS.get(event.type)
        if edit is None:
            message = f"event {event.number} is of the type `{event.type}`, which this version does not know"
            raise DataFault.error(
                "unknown-event-type", "journal", "", message, fix="Install a newer version of Attune."
            )
        is_undone = event.number in undone
        gone = _find_gone_person(edits, event, edit)
        if gone and not is_undone:
            edits.settled.append(SettledEvent(event.number, event.type, "neither", gone))
            if event.type in ("started", "ended", "score_recorded"):
                _record_gone_person(edits, event)
        elif not gone:
            if edit.set_cells:
                edit.set_cells(edits, event, is_undone)
            if edit.set_states and not is_undone:
                edit.set_states(edits, event)
    return edits


def _find_gone_person(edits: CollectedEdits, event: JournalEvent, edit: EventEdit) -> str:
    """Return the code of the reason why the event cannot be applied; empty where it can."""
    client_id, therapist_id, fields = event.client_id, event.therapist_id, event.fields
    if (edit.has_client and client_id is None) or (edit.has_therapist and therapist_id is None):
        return "person-forgotten"
    if fields.get("attribute") == THERAPIST_WISH and find_wished_value(fields, therapist_id) is None:
        return "person-forgotten"
    is_gone = (edit.has_client and client_id not in edits.clients) or (
        edit.has_therapist and therapist_id not in edits.therapists
    )
    return "person-gone" if is_gone else ""


def _record_gone_person(edits: CollectedEdits, event: JournalEvent) -> None:
    """A client who met a therapist who has left has met one; a client who has left still uses an opening."""
    if event.client_id in edits.clients:
        edits.met.add(str(event.client_id))
    elif event.type == "started" and event.therapist_id in edits.therapists:
        client_id = event.client_id or f"forgotten-{event.number}"  # each is a person of their own
        pair = Pair(client_id, str(event.therapist_id))
        edits.starts.append(_build_start(event, pair, is_again=False))


def _build_start(event: JournalEvent, pair: Pair, *, is_again: bool) -> RecordedStart:
    was_dated = event.replaced.get(CHECK_DATE_CELL, UNKNOWN_CELL) != UNKNOWN_CELL
    return RecordedStart(event.number, pair, event.on.isoformat(), event.replaced.get(ROSTER_CELL), was_dated, is_again)


def _set_client_cells(edits: CollectedEdits, event: JournalEvent, is_undone: bool) -> None:
    _set_person_cells(edits, event, is_undone, "clients", str(event.client_id))


def _add_client_cells(edits: CollectedEdits, event: JournalEvent, is_undone: bool) -> None:
    """The cells of a new client fill unknown ones of an export that has the client too, whatever was replaced."""
    for column, value in event.fields.get("cells", {}).items():
        change = CellChange(event.number, normalize_cell(value), UNKNOWN_CELL, is_undone)
        edits.cells.setdefault(("clients", column, str(event.client_id)), []).append(change)


def _check_roster_row(edits: CollectedEdits, event: JournalEvent, is_undone: bool) -> None:
    openings = event.fields.get("openings")
    check = RosterCheck(
        event.number, event.on.isoformat(), None if openings is None else float(openings),
        event.replaced.get(ROSTER_CELL), is_undone,
    )  # fmt: skip
    edits.checks.setdefault(str(event.therapist_id), []).append(check)
    _set_person_cells(edits, event, is_undone, "therapists", str(event.therapist_id))


def _set_person_cells(edits: CollectedEdits, event: JournalEvent, is_undone: bool, table: str, one: str) -> None:
    for column, value in event.fields.get("cells", {}).items():
        replaced = event.replaced.get(format_cell_name(table, column))
        change = CellChange(event.number, normalize_cell(value), replaced, is_undone)
        edits.cells.setdefault((table, column, one), []).append(change)


def _change_wishes(edits: CollectedEdits, event: JournalEvent, is_undone: bool) -> None:
    """Without a value: all wishes that the client had about the attribute, also those that an undone event withdrew."""
    attribute, client_id = str(event.fields["attribute"]), str(event.client_id)
    value = find_wished_value(event.fields, event.therapist_id)
    if value is not None:
        _change_wish(edits, event, is_undone, attribute, value)
        return
    prefix = format_wish_name(attribute, "")
    values = {name.removeprefix(prefix): None for name in event.replaced if name.startswith(prefix)}
    values |= dict.fromkeys(edits.wishes.get((client_id, attribute), ()))
    for one in values:
        _change_wish(edits, event, is_undone, attribute, one)


def _change_wish(edits: CollectedEdits, event: JournalEvent, is_undone: bool, attribute: str, value: str) -> None:
    replaced = event.replaced.get(format_wish_name(attribute, value))
    change = CellChange(event.number, event.fields.get("strength"), replaced, is_undone)
    edits.wishes.setdefault((str(event.client_id), attribute), {}).setdefault(value, []).append(change)


def _get_pair(event: JournalEvent) -> Pair:
    return Pair(str(event.client_id), str(event.therapist_id))


def _offer(edits: CollectedEdits, event: JournalEvent) -> None:
    pair = _get_pair(event)
    edits.declined.discard(pair)
    edits.withdrawn.discard(pair.client_id)
    offer = RecordedOffer("offered", event.on.isoformat(), event.fields["until"], event.number)
    edits.offers.setdefault(pair.client_id, {})[pair.therapist_id] = offer


def _accept(edits: CollectedEdits, event: JournalEvent) -> None:
    pair = _get_pair(event)
    edits.declined.discard(pair)
    edits.withdrawn.discard(pair.client_id)
    offers = edits.offers.setdefault(pair.client_id, {})
    offer = offers.get(pair.therapist_id)
    on = offer.on if offer else event.on.isoformat()
    offers[pair.therapist_id] = RecordedOffer("accepted", on, None, event.number)


def _decline(edits: CollectedEdits, event: JournalEvent) -> None:
    pair = _get_pair(event)
    edits.offers.get(pair.client_id, {}).pop(pair.therapist_id, None)
    edits.declined.add(pair)
    if event.fields.get("reason") == WITHDRAWN:
        edits.withdrawn.add(pair.client_id)


def _start(edits: CollectedEdits, event: JournalEvent) -> None:
    """Therapy started: the client's other offers lapse, and what was declined or ended of the pair is past."""
    pair, on = _get_pair(event), event.on.isoformat()
    edits.offers.pop(pair.client_id, None)
    edits.starts.append(_build_start(event, pair, is_again=pair in edits.ended))
    edits.declined.discard(pair)
    edits.withdrawn.discard(pair.client_id)
    edits.ended.discard(pair)
    edits.records.append(RecordedRow(event.number, pair, on, {}))
    edits.met.add(pair.client_id)


def _end(edits: CollectedEdits, event: JournalEvent) -> None:
    pair = _get_pair(event)
    edits.ended.add(pair)
    dropped_out = "yes" if event.fields["reason"] == DROPPED_OUT else "no"
    edits.records.append(RecordedRow(event.number, pair, event.on.isoformat(), {"dropped_out": dropped_out}))
    edits.met.add(pair.client_id)


def _set_conflict(edits: CollectedEdits, event: JournalEvent) -> None:
    edits.conflicts[_get_pair(event)] = event.fields.get("reason")


def _record_score(edits: CollectedEdits, event: JournalEvent) -> None:
    cells = {name: event.fields[name] for name in SCORE_CELLS if event.fields.get(name) is not None}
    edits.scores.append(RecordedRow(event.number, _get_pair(event), event.on.isoformat(), cells))
    edits.met.add(str(event.client_id))


class EventEdit(NamedTuple):
    """What events of one type change.

    Attributes
    ----------
    set_cells : callable or None
        Collects changes of cells. It is called for an undone event too, whose third argument is True.
    set_states : callable or None
        Collects all else; it is not called for an undone event.
    has_client, has_therapist : bool
        Whether such an event is about a client, and about a therapist.
    """

    set_cells: Callable[[CollectedEdits, JournalEvent, bool], None] | None = None
    set_states: Callable[[CollectedEdits, JournalEvent], None] | None = None
    has_client: bool = True
    has_therapist: bool = True


EVENT_EDITS: dict[str, EventEdit] = {
    "client_added": EventEdit(set_cells=_add_client_cells, has_therapist=False),
    "client_changed": EventEdit(set_cells=_set_client_cells, has_therapist=False),
    "wish_set": EventEdit(set_cells=_change_wishes, has_therapist=False),
    "wish_withdrawn": EventEdit(set_cells=_change_wishes, has_therapist=False),
    "offered": EventEdit(set_states=_offer),
    "accepted": EventEdit(set_states=_accept),
    "declined": EventEdit(set_states=_decline),
    "started": EventEdit(set_states=_start),
    "ended": EventEdit(set_states=_end),
    "opening_set": EventEdit(set_cells=_check_roster_row, has_client=False),
    "roster_checked": EventEdit(set_cells=_check_roster_row, has_client=False),
    "conflict_set": EventEdit(set_states=_set_conflict),
    "score_recorded": EventEdit(set_states=_record_score),
}
