"""What can be undone: an event that no later event needs. What is left could have been recorded without it."""

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest

from attune_fit.data.faults import DataFault
from attune_fit.data.journal.applying.apply_events import apply_events
from attune_fit.data.journal.checks.draft_event import draft_event
from attune_fit.data.journal.checks.undo_checks import list_dependents
from attune_fit.data.journal.journal_event import JournalEvent
from attune_fit.data.journal.journal_state import JournalState
from tests.data.conftest import ClinicFolder
from tests.data.journal.event_recorder import EventRecorder, Step, step
from tests.data.journal.refused_events import DAN, END, OFFER, SCORE, START, build_clinic

ACCEPT = step("accepted", "cat", "tom")
DECLINE = step("declined", "cat", "tom", by="client", reason="not-stated")
STATES = frozenset({  # faults about what happened to the pair before; openings can be other ones without the event
    "event-about-unknown-client", "pair-not-started", "pair-started-already", "pair-ended-already",
    "pair-declined-already", "no-offer-to-accept", "offer-accepted-already",
})  # fmt: skip


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> EventRecorder:
    """The clinic of the refused events, read once."""
    return EventRecorder.open(build_clinic(ClinicFolder(tmp_path_factory.mktemp("undo"))))


@pytest.fixture
def recorder(clinic: EventRecorder) -> EventRecorder:
    """That clinic without an event."""
    return replace(clinic, events=[])


def undo(number: int) -> Step:
    """The event that takes another one back."""
    return step("undone", event=number, because="wrong-entry")


@pytest.mark.parametrize(
    ("steps", "number", "dependents"),
    [
        ((OFFER, ACCEPT, START), 1, [2]),  # a start needs no offer
        ((OFFER, ACCEPT, START), 2, []),
        ((OFFER, ACCEPT, START, SCORE, END), 3, [4, 5]),
        ((START, END, START, SCORE), 1, [2]),  # the second start does not need the first one, but its end
        ((START, END, START, SCORE), 2, [3]),
        ((START, END, START, SCORE), 3, [4]),
        ((START, END, OFFER), 2, [3]),
        ((OFFER, DECLINE, OFFER, ACCEPT), 1, []),
        ((OFFER, DECLINE, OFFER, ACCEPT), 2, [3]),
        ((OFFER, DECLINE, OFFER, ACCEPT), 3, [4]),
        ((DECLINE, OFFER), 1, []),  # no offer would be open again
        ((OFFER, DECLINE, OFFER, DECLINE, OFFER), 2, [3]),
        ((DAN, step("offered", "dan", "tom"), step("wish_set", "dan", attribute="gender", value="man",
                                                   strength="must")), 1, [2, 3]),
        ((DAN, OFFER), 1, []),  # of another client
        ((DAN, step("opening_set", None, "tom", openings=3)), 1, []),
        ((step("opening_set", None, "tom", openings=3), OFFER), 1, []),
        ((step("conflict_set", "cat", "una", reason="safety"), OFFER), 1, []),
    ],
)  # fmt: skip
def test_later_events_need_an_event(
    recorder: EventRecorder, steps: tuple[Step, ...], number: int, dependents: list[int]
) -> None:
    recorder.record(*steps)
    found = list_dependents(recorder.state, recorder.events[number - 1])
    assert [event.number for event in found] == dependents
    if not dependents:
        recorder.record(undo(number))
        assert number in recorder.state.undone


def test_the_last_event_first(recorder: EventRecorder) -> None:
    recorder.record(OFFER, ACCEPT)
    with pytest.raises(DataFault, match=r"later events need event 1: 2 \(`accepted`\)\. Undo those first"):
        recorder.draft(undo(1))
    recorder.record(undo(2), undo(1), OFFER)  # what was taken back needs nothing
    assert recorder.state.undone == {1, 2}


def test_an_event_about_a_forgotten_person_can_be_undone(recorder: EventRecorder) -> None:
    recorder.record(OFFER, ACCEPT)
    recorder.events = [replace(event, client_id=None) for event in recorder.events]
    draft = recorder.draft(undo(1))
    assert (draft.client_id, draft.therapist_id) == (None, "tom")


def test_an_undone_start_brings_back_offers_only_with_their_openings(recorder: EventRecorder) -> None:
    """cat accepted tom and has an offer from una; the start with tom ends both."""
    recorder.record(step("opening_set", None, "una", openings=1), OFFER, step("offered", "cat", "una"), START, DAN)
    start = recorder.events[3]
    assert start.type == "started"
    assert recorder.draft(undo(4)).type == "undone"  # both openings are there
    recorder.record(step("offered", "dan", "una"))
    with pytest.raises(DataFault, match="an offer from una would be open again, and the therapist has no opening left"):
        recorder.draft(undo(4))
    recorder.record(step("opening_set", None, "una", openings=2))
    assert recorder.draft(undo(4)).type == "undone"


def test_a_start_frees_its_opening_for_its_own_offer_only_if_it_used_one(recorder: EventRecorder) -> None:
    """A start before the last check of the row is in the number of that check."""
    early = step("offered", "cat", "tom", on="2026-06-02", until="2026-06-20")
    recorder.record(early, step("started", "cat", "tom", on="2026-06-03"))
    assert recorder.draft(undo(2)).type == "undone"
    recorder.record(step("opening_set", None, "tom", openings=0))
    with pytest.raises(DataFault, match="an offer from tom would be open again"):
        recorder.draft(undo(2))


def test_a_start_of_a_therapist_without_a_day_of_check(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("therapists.csv", "therapist_id,open_slots,updated_on\ntom,1,\nuna,1,\n")
    recorder = EventRecorder.open(clinic_folder)
    recorder.record(OFFER, START)
    assert recorder.draft(undo(2)).type == "undone"


def draw_step(draw: random.Random, n_events: int) -> Step:
    """Draw an event that a person could try, whether it can be recorded or not."""
    client, therapist = draw.choice(("cat", "dan", "eve")), draw.choice(("tom", "una"))
    if draw.random() < 0.3:
        return undo(draw.randint(1, n_events))
    if draw.random() < 0.3:
        return draw.choice((
            step("declined", client, therapist, by="client", reason="not-stated"),
            step("ended", client, therapist, reason="dropped-out"),
            step("score_recorded", client, therapist, session=draw.randint(1, 50), score=3),
        ))  # fmt: skip
    return step(draw.choice(("offered", "accepted", "started")), client, therapist)


def find_faults(recorder: EventRecorder, event: JournalEvent, undone: frozenset[int]) -> set[str]:
    """Return why an event could not be recorded, had the undone events never been there."""
    earlier = [one for one in recorder.events[: event.number - 1] if one.number not in undone and one.type != "undone"]
    applied = apply_events(recorder.clinic, recorder.export, earlier)
    state = JournalState(recorder.clinic, applied.tables, tuple(earlier), applied.undone)
    try:
        draft_event(
            state, event.type, client_id=event.client_id, therapist_id=event.therapist_id, on=event.on,
            values=event.fields,
        )  # fmt: skip
    except DataFault as error:
        return {fault.id for fault in error.faults}
    return set()


def iterate_later(recorder: EventRecorder, number: int) -> Iterator[JournalEvent]:
    """Yield the later events that were not taken back."""
    undone = recorder.state.undone
    yield from (
        one
        for one in recorder.events[number:]
        if one.number not in undone and one.type not in ("undone", "opening_set")
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_an_event_can_be_undone_where_the_later_ones_could_be_recorded_without_it(
    seed: int, recorder: EventRecorder
) -> None:
    """Both ways: what may be undone was not needed, and what must not be undone was."""
    draw, n_undone, n_needed = random.Random(seed), 0, 0  # noqa: S311
    recorder.record(DAN, *(step("opening_set", None, one, openings=4) for one in ("tom", "una")))
    for _ in range(40):
        one = draw_step(draw, len(recorder.events))
        number = one.values.get("event", 0)
        try:
            recorder.record(one)
        except DataFault as error:
            if "event-needed-later" in {fault.id for fault in error.faults}:
                undone = recorder.state.undone | {number}
                later = list_dependents(recorder.state, recorder.events[number - 1])
                assert all(find_faults(recorder, event, undone) for event in later)
                n_needed += 1
        else:
            if number:
                undone = recorder.state.undone
                assert not [
                    (event.number, found)
                    for event in iterate_later(recorder, number)
                    if (found := find_faults(recorder, event, undone) & STATES)
                ]
                n_undone += 1
    assert n_undone > 1
    assert n_needed > 0
