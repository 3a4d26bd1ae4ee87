"""Each change of an event, of the journal's end or of a person's id shows; a forgotten person does not."""

from __future__ import annotations

import datetime as dt

import pytest

from attune_fit.data.chain_check import ChainCheck
from attune_fit.data.hash_chain import ChainHead
from attune_fit.data.journal.database.journal_chain import check_journal_rows
from attune_fit.data.journal.database.journal_rows import JournalContent, compute_event_seal
from attune_fit.data.journal.database.journal_schema import EVENTS
from tests.data.journal.conftest import JournalFolder, find_address, make_journal_folder


def fill(clinic: JournalFolder) -> None:
    """Record five events."""
    clinic.record("offered", "ann", "tom", until="2026-06-22")
    clinic.record("offered", "ben", "una", until="2026-06-22")
    clinic.record("declined", "ben", "una", by="client", replaced={"roster": "ab"})
    clinic.record("opening_set", None, "tom", openings=2, on=dt.date(2026, 6, 14))
    clinic.record("started", "ann", "tom", actor="lee")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> JournalFolder:
    """A clinic with five events, which no test changes."""
    clinic = make_journal_folder(tmp_path_factory.mktemp("filled") / "clinic", find_address(request))
    fill(clinic)
    return clinic


def check(content: JournalContent, *, after: int = 0) -> ChainCheck:
    return check_journal_rows(content.rows, content.end, content.people, after=after)


def messages(content: JournalContent) -> list[str]:
    return [found.message for found in check(content).breaks]


def test_a_journal_as_it_was_written_is_whole(journal_clinic: JournalFolder) -> None:
    store = journal_clinic.open_store()
    assert store.verify() == ChainCheck()
    fill(journal_clinic)
    assert store.verify() == ChainCheck(n_lines=5)
    assert store.verify(tail=2) == ChainCheck(n_lines=2)
    assert store.verify(tail=9) == ChainCheck(n_lines=5)
    assert store.verify(tail=0) == ChainCheck()
    journal_clinic.execute("UPDATE attune_events SET type = 'x' WHERE number = 3")
    assert not store.verify().is_whole
    assert not store.verify(tail=3).is_whole
    assert store.verify(tail=2).is_whole


CHANGES = {  # of event 3, by column; the value is SQL
    "at": "'2026-06-15T09:30:00.000001+00:00'",
    "on_day": "'2026-06-14'",
    "actor_key": "'x'",
    "type": "'accepted'",
    "client_key": "NULL",
    "therapist_key": "(SELECT key FROM attune_people WHERE id = 'tom')",
    "fields": """'{"by":"therapist"}'""",
    "replaced": "'{}'",
    "previous": "''",
    "seal": "'0'",
    "number": "9",
    "journal": "'north'",
}


def test_the_changes_below_are_of_every_column() -> None:
    assert sorted(CHANGES) == sorted(EVENTS.c.keys())


@pytest.mark.parametrize("column", sorted(CHANGES))
def test_a_change_of_any_cell_of_an_event_shows(filled: JournalFolder, column: str) -> None:
    statement = f"UPDATE attune_events SET {column} = {CHANGES[column]} WHERE number = 3"  # noqa: S608
    found = check(filled.read_changed(statement)).breaks
    assert {"changed", "missing"} & {one.what for one in found}
    if column not in ("number", "journal"):
        assert "event 3 was changed" in [one.message for one in found]
    assert check(filled.open_store().read_content()).is_whole


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("DELETE FROM attune_events WHERE number = 1", "1 event is missing at the start"),
        ("DELETE FROM attune_events WHERE number IN (2, 3)", "2 events are missing after event 1"),
        ("DELETE FROM attune_events WHERE number = 5", "1 event is missing after event 4"),
        ("DELETE FROM attune_events", "5 events are missing at the start"),
        ("UPDATE attune_journals SET number = 3", "events after number 3 were inserted"),
        ("UPDATE attune_journals SET number = 8", "3 events are missing after event 5"),
        ("UPDATE attune_journals SET seal = 'x'", "the end of the journal does not fit event 5"),
        ("DELETE FROM attune_journals", "the end of the journal is missing, so removed events do not show"),
        ("UPDATE attune_people SET id = 'dan' WHERE id = 'ann'", "the id of 1 person was changed"),
        ("UPDATE attune_people SET side = 'actor' WHERE id = 'ann'", "the id of 1 person was changed"),
        ("UPDATE attune_people SET salt = 'x'", "the id of 6 people was changed"),
        (
            "UPDATE attune_people SET version = 9 WHERE id = 'tom'",
            "the number of the last event about 1 person was changed",
        ),
    ],
)
def test_a_change_of_rows_shows(filled: JournalFolder, statement: str, message: str) -> None:
    assert message in messages(filled.read_changed(statement))


def test_ids_that_were_exchanged_show(filled: JournalFolder) -> None:
    content = filled.read_changed(
        "UPDATE attune_people SET id = 'x' WHERE id = 'ann'",
        "UPDATE attune_people SET id = 'ann' WHERE id = 'ben'",
        "UPDATE attune_people SET id = 'ben' WHERE id = 'x'",
    )
    assert messages(content) == ["the id of 2 people was changed"]


def test_a_changed_event_with_a_new_seal_does_not_fit_the_next_one(filled: JournalFolder) -> None:
    seal = compute_event_seal(filled.open_store().read_content().rows[2]._replace(type="accepted"))
    content = filled.read_changed(f"UPDATE attune_events SET type = 'accepted', seal = '{seal}' WHERE number = 3")  # noqa: S608
    assert messages(content) == ["events 3 and 4 do not fit: one of them was changed"]


def test_events_that_changed_places_show(filled: JournalFolder) -> None:
    content = filled.read_changed(
        "UPDATE attune_events SET number = 99 WHERE number = 2",
        "UPDATE attune_events SET number = 2 WHERE number = 3",
        "UPDATE attune_events SET number = 3 WHERE number = 99",
    )
    assert {"event 2 was changed", "event 3 was changed"} <= set(messages(content))


def test_what_is_before_the_last_events_is_not_checked_with_them(filled: JournalFolder) -> None:
    statement = "UPDATE attune_events SET type = 'x' WHERE number = 2"
    assert check(filled.read_changed(statement, after=2), after=2).is_whole
    assert not check(filled.read_changed(statement, after=1), after=1).is_whole


@pytest.mark.parametrize("number", [3, 4, 5])
def test_an_event_that_is_missing_among_the_last_ones_shows(filled: JournalFolder, number: int) -> None:
    content = filled.read_changed(f"DELETE FROM attune_events WHERE number = {number}", after=2)  # noqa: S608
    found = check(content, after=2).breaks
    assert f"1 event is missing after event {number - 1}" in [one.message for one in found]


def test_no_event_among_the_last_ones_shows(filled: JournalFolder) -> None:
    content = filled.read_changed("DELETE FROM attune_events WHERE number > 2", after=2)
    assert [one.message for one in check(content, after=2).breaks] == ["3 events are missing after event 2"]


def test_a_tail_that_was_cut_with_the_end_shows_only_elsewhere(journal_clinic: JournalFolder) -> None:
    """What the chain cannot show: the seal of the last event, which other logs hold, is not in the journal."""
    fill(journal_clinic)
    end = journal_clinic.open_store().end()
    assert end is not None
    kept = journal_clinic.open_store().read_content().rows[2]
    journal_clinic.execute(
        "DELETE FROM attune_events WHERE number > 3",
        f"UPDATE attune_journals SET number = 3, seal = '{kept.seal}'",  # noqa: S608
        "UPDATE attune_people SET version = 1 WHERE id IN ('ann', 'tom')",
    )
    assert journal_clinic.open_store().verify().is_whole
    assert journal_clinic.open_store().read_seals([end.number]) == {}


def test_forgetting_breaks_nothing(journal_clinic: JournalFolder) -> None:
    fill(journal_clinic)
    journal_clinic.open_store().forget("client", "ann")
    assert journal_clinic.open_store().verify() == ChainCheck(n_lines=5)


def test_a_cell_of_a_type_that_no_program_of_ours_writes_is_a_change(file_clinic: JournalFolder) -> None:
    fill(file_clinic)
    file_clinic.execute("UPDATE attune_events SET fields = x'00ff' WHERE number = 2")  # SQLite keeps any type
    assert messages(file_clinic.open_store().read_content()) == ["event 2 was changed"]


def test_no_id_is_in_a_row_of_events(journal_clinic: JournalFolder) -> None:
    journal_clinic.record("offered", "client-77", "therapist-88", actor="actor-99")
    content = journal_clinic.open_store().read_content()
    text = str(content.rows)
    assert not any(name in text for name in ("client-77", "therapist-88", "actor-99"))
    assert {person.id for person in content.people} == {"client-77", "therapist-88", "actor-99"}


def test_an_empty_journal_is_whole() -> None:
    assert check_journal_rows([], ChainHead(0, "")).is_whole
    assert check_journal_rows([], None).is_whole


def test_an_event_whose_number_is_a_text_shows(file_clinic: JournalFolder) -> None:
    fill(file_clinic)
    file_clinic.execute("UPDATE attune_events SET number = '4x' WHERE number = 4")
    found = [one.message for one in file_clinic.open_store().verify().breaks]
    assert found == ["the number of an event was changed", "1 event is missing after event 3"]
