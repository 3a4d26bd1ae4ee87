"""Several events in one transaction of SQLite and of PostgreSQL: sealed in their order, all written or none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest

from attune_fit.data.faults import DataFault
from attune_fit.data.journal.database import journal_store
from attune_fit.data.journal.database.journal_conflict import JournalConflict
from attune_fit.data.journal.database.journal_queries import add_events
from attune_fit.data.journal.journal_event import EventDraft, JournalEvent
from tests.data.journal.conftest import NOW, JournalFolder, fails, find

DAY = dt.date(2026, 6, 15)
PAIRS = (("ann", "tom"), ("ben", None), (None, "tom"), ("ann", "una"))


def build_drafts(_: Sequence[JournalEvent]) -> list[EventDraft]:
    return [EventDraft("offered", DAY, client, therapist, {"n": i}) for i, (client, therapist) in enumerate(PAIRS)]


def test_events_are_sealed_in_their_order(journal_clinic: JournalFolder) -> None:
    journal_clinic.record(client_id="ann", therapist_id="tom")
    recorded = journal_clinic.open_store().record_all(build_drafts, actor="kim", now=NOW, expected=1)
    store = find(journal_clinic)
    assert store.read_events()[1:] == recorded
    assert [(one.number, one.client_id, one.therapist_id) for one in recorded] == [
        (number, *pair) for number, pair in enumerate(PAIRS, 2)
    ]
    assert store.verify().is_whole
    versions = {person.id: person.version for person in store.read_content().people if person.side != "actor"}
    assert versions == {"ann": 5, "tom": 4, "una": 5, "ben": 3}


def test_a_failure_at_the_last_one_leaves_none(journal_clinic: JournalFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    journal_clinic.record()
    before = journal_clinic.open_store().read_content()

    def fail_after_writing(*args: object) -> None:
        add_events(*args)  # type: ignore[arg-type]
        raise DataFault.error("refused", "clients", "", "no", fix="")

    monkeypatch.setattr(journal_store, "add_events", fail_after_writing)
    with pytest.raises(DataFault) as error:
        journal_clinic.open_store().record_all(build_drafts, actor="new", now=NOW)
    assert fails(error) == "refused"
    assert journal_clinic.open_store().read_content() == before


def test_a_later_event_about_one_of_the_people_refuses_all(journal_clinic: JournalFolder) -> None:
    journal_clinic.record(client_id="dan", therapist_id="tom")
    journal_clinic.record(client_id="dan", therapist_id="max")
    with pytest.raises(JournalConflict) as error:
        journal_clinic.open_store().record_all(build_drafts, actor="kim", now=NOW, expected=0)
    assert [event.number for event in error.value.later] == [1]
    assert len(find(journal_clinic).read_events()) == 2


def test_no_draft_moves_no_end(journal_clinic: JournalFolder) -> None:
    journal_clinic.record()
    end = find(journal_clinic).end()
    assert journal_clinic.open_store().record_all(lambda _: [], actor="kim", now=NOW) == ()
    assert find(journal_clinic).end() == end
