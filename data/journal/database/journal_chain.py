"""Check the chain of a journal: which event was changed or is missing, and whether the keys of people fit their ids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from attune_fit.data.chain_check import BreakKind, ChainBreak, ChainCheck
from attune_fit.data.hash_chain import ChainHead
from attune_fit.data.journal.database.journal_rows import EventRow, PersonRow, compute_event_seal, compute_person_key


def check_journal_rows(
    rows: Sequence[EventRow], end: ChainHead | None, people: Iterable[PersonRow] = (), *, after: int = 0
) -> ChainCheck:
    """Check events against their seals, each with the one before it, and the last one with the journal's end.

    Parameters
    ----------
    rows : sequence of EventRow
        Sorted by number.
    end : ChainHead or None
        Number and seal of the last event, as the journal's own row has them; None if that row is missing.
    people : iterable of PersonRow
        People who were forgotten have no row; that breaks nothing.
    after : int
        Number of the event before the first of ``rows``, where they are only the last events of the journal.

    Returns
    -------
    ChainCheck
        Its lines are numbers of events. A break about people names no line: 0.

    Notes
    -----
    The chain cannot show that a person wrote all later events and the end anew. The logs of rankings hold ends of the
    journal too, and show it.
    """
    numbered = [row for row in rows if isinstance(row.number, int)]
    breaks = [
        *(_build_break("changed", 0, "the number of an event was changed") for _ in range(len(rows) - len(numbered))),
        *_check_seals(numbered),
        *_check_numbers(numbered, after),
        *_check_links(numbered),
        *_check_end(numbered, end, after),
        *_check_people(numbered, people, after),
    ]
    return ChainCheck(n_lines=len(rows), breaks=tuple(sorted(breaks, key=lambda found: (found.line, found.what))))


def _check_seals(rows: Sequence[EventRow]) -> Iterator[ChainBreak]:
    for row in rows:
        if not _is_sealed(row):
            yield _build_break("changed", row.number, f"event {row.number} was changed")


def _is_sealed(row: EventRow) -> bool:
    try:
        return compute_event_seal(row) == row.seal
    except (TypeError, ValueError):  # a cell of a type that Attune never writes
        return False


def _check_numbers(rows: Sequence[EventRow], before: int) -> Iterator[ChainBreak]:
    for row in rows:
        if (missing := row.number - before - 1) > 0:
            yield _build_missing(before, missing)
        before = row.number


def _check_links(rows: Sequence[EventRow]) -> Iterator[ChainBreak]:
    """Compare each event with the seal that the next one holds; the first one holds none."""
    if rows and rows[0].number == 1 and rows[0].previous:
        yield _build_break("changed", 1, "event 1 holds the seal of an event before it")
    for row, later in pairwise(rows):
        if later.number == row.number + 1 and later.previous != row.seal:
            message = f"events {row.number} and {later.number} do not fit: one of them was changed"
            yield ChainBreak("changed", row.number, later.number, message)


def _check_end(rows: Sequence[EventRow], end: ChainHead | None, after: int) -> Iterator[ChainBreak]:
    last = rows[-1].number if rows else after
    if end is None:
        if rows:
            yield _build_break("end mark", 0, "the end of the journal is missing, so removed events do not show")
    elif last < end.number:
        yield _build_missing(last, end.number - last)
    elif last > end.number:
        message = f"events after number {end.number} were inserted"
        yield ChainBreak("inserted", end.number + 1, last, message)
    elif rows and rows[-1].seal != end.seal:
        yield _build_break("end mark", last, f"the end of the journal does not fit event {last}")


def _check_people(rows: Sequence[EventRow], people: Iterable[PersonRow], after: int) -> Iterator[ChainBreak]:
    last_events = {key: row.number for row in rows for key in (row.client_key, row.therapist_key) if key is not None}
    n_changed = n_outdated = 0
    for person in people:
        n_changed += person.key != compute_person_key(person.salt, person.side, person.id)
        n_outdated += not after and person.side != "actor" and person.version != last_events.get(person.key, 0)
    if n_changed:
        yield _build_break("changed", 0, f"the id of {_format_people(n_changed)} was changed")
    if n_outdated:
        message = f"the number of the last event about {_format_people(n_outdated)} was changed"
        yield _build_break("changed", 0, message)


def _build_missing(before: int, count: int) -> ChainBreak:
    which = f"{count:,} events are" if count > 1 else "1 event is"
    return _build_break("missing", before, f"{which} missing {f'after event {before}' if before else 'at the start'}")


def _build_break(what: BreakKind, number: int, message: str) -> ChainBreak:
    return ChainBreak(what, number, number, message)


def _format_people(count: int) -> str:
    return "1 person" if count == 1 else f"{count:,} people"
