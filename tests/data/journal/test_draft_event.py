"""Drafts of events that can be recorded: their people, their day, and their fields with the defaults of each type."""

import datetime as dt
import json
from dataclasses import replace
from typing import Any

import pytest

from attune_fit.data.faults import DataFault
from attune_fit.data.journal.events.event_types import TYPES
from attune_fit.data.journal.journal_event import EventDraft
from attune_fit.data.outcomes.openings import count_openings
from tests.data.conftest import ClinicFolder
from tests.data.journal.event_recorder import EventRecorder, Step, step
from tests.data.journal.refused_events import DAN, END, OFFER, SCORE, START, build_clinic

TODAY = dt.date(2026, 6, 15)
WISH = step("wish_set", "cat", attribute="Gender", value="MAN", strength="Must")
WISH_ABOUT_UNA = step("wish_set", "cat", attribute="therapist_id", value="UNA", strength="never")


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> EventRecorder:
    """The clinic of the refused events, read once."""
    return EventRecorder.open(build_clinic(ClinicFolder(tmp_path_factory.mktemp("drafts"))))


@pytest.fixture
def recorder(clinic: EventRecorder) -> EventRecorder:
    """That clinic without an event."""
    return replace(clinic, events=[])


DAY: list[tuple[Step, dict[str, Any]]] = [  # a day of events, in this order, and the fields of each
    (DAN, {}),
    (step("client_added", "fay", cells={"age": "33", "ward": "B"}), {"cells": {"age": 33, "ward": "b"}}),
    (step("client_changed", "cat", cells={"phq9": "9", "gender": ""}), {"cells": {"gender": None, "phq9": 9}}),
    (WISH, {"attribute": "gender", "value": "man", "strength": "must"}),
    (WISH_ABOUT_UNA, {"attribute": "therapist_id", "strength": "never"}),
    (step("wish_withdrawn", "ann", attribute="gender", value="woman"), {"attribute": "gender", "value": "woman"}),
    (step("wish_withdrawn", "ben", attribute="age"), {"attribute": "age"}),
    (OFFER, {"until": "2026-06-22"}),
    (step("accepted", "cat", "tom"), {}),
    (START, {}),
    (SCORE, {"session": 1, "score": 4.5, "instrument": "WAI-SR", "rater": "client"}),
    (END, {"reason": "completed"}),
    (step("declined", "dan", "una", on="2026-06-14", by="client", reason="prefers-alternative"),
     {"by": "client", "reason": "prefers-alternative"}),
    (step("opening_set", None, "una", openings="3"), {"openings": 3}),
    (step("offered", "dan", "una", on="2026-06-14", until="2026-06-15"), {"until": "2026-06-15"}),
    (step("roster_checked", None, "tom"), {"openings": 1}),
    (step("conflict_set", "ann", "una", reason="safety"), {"reason": "safety"}),
    (step("undone", event="17", because="wrong-person"), {"event": 17, "because": "wrong-person"}),
]  # fmt: skip


@pytest.fixture(scope="module")
def day(clinic: EventRecorder) -> EventRecorder:
    """The clinic after that day."""
    recorder = replace(clinic, events=[])
    for one, _ in DAY:
        recorder.record(one)
    return recorder


def test_a_day_of_events(day: EventRecorder) -> None:
    for number, (event, (one, fields)) in enumerate(zip(day.events, DAY, strict=True), 1):
        assert (event.number, event.type, event.fields) == (number, one.type, fields)
        assert event.on == dt.date.fromisoformat(one.on or "2026-06-15")
    assert {one.type for one, _ in DAY} == set(TYPES)
    people = {event.number: (event.client_id, event.therapist_id) for event in day.events}
    assert people[5] == ("cat", "una")  # a wish about a therapist is about both
    assert people[14] == (None, "una")
    assert people[18] == ("ann", "una")  # of the event that is taken back


def test_no_field_and_no_name_of_a_cell_holds_the_id_of_a_person(day: EventRecorder) -> None:
    """Fields are sealed for ever, while a person's id can be forgotten."""
    recorder = replace(day, events=[*day.events])
    recorder.record(step("wish_withdrawn", "cat", attribute="therapist_id", value="una"))
    ids = {*recorder.state.tables.clients["client_id"], *recorder.state.tables.therapists["therapist_id"]}
    for event in recorder.events:
        words = json.dumps([event.fields, list(event.replaced)]).replace('"client"', "")
        assert not [one for one in ids if f'"{one}"' in words or f"={one}" in words]


@pytest.mark.parametrize(
    ("one", "names"),
    [
        (step("client_changed", "cat", cells={"phq9": 9, "ward": "b"}), {"clients.phq9", "clients.ward"}),
        (WISH, {"wish gender=man"}),
        (WISH_ABOUT_UNA, {"wish therapist_id"}),
        (START, {"roster", "therapists.updated_on"}),
        (step("roster_checked", None, "tom", cells={"problems_not_taken": ""}),
         {"roster", "therapists.problems_not_taken"}),
        (OFFER, set()),
    ],
)  # fmt: skip
def test_a_draft_keeps_what_it_replaces(recorder: EventRecorder, one: Step, names: set[str]) -> None:
    assert recorder.draft(one).replaced.keys() == names


def test_ids_and_days_are_taken_without_spaces(recorder: EventRecorder) -> None:
    draft = recorder.draft(step("offered", " cat ", "tom\n", on=" 2026-06-14 "))
    assert (draft.client_id, draft.therapist_id, draft.on) == ("cat", "tom", dt.date(2026, 6, 14))
    assert draft.fields == {"until": "2026-06-21"}


def test_what_is_no_id_names_no_one(recorder: EventRecorder) -> None:
    numbers = replace(recorder, export=replace(recorder.export, clients=recorder.export.clients.replace("cat", "7")))
    assert numbers.draft(OFFER._replace(client=7)).client_id == "7"  # type: ignore[arg-type]
    for one in (True, ["cat"], b"cat", " "):
        with pytest.raises(DataFault, match="no client is named"):
            recorder.draft(OFFER._replace(client=one))  # type: ignore[arg-type]


def test_no_cells_are_no_field(recorder: EventRecorder) -> None:
    assert recorder.draft(step("client_added", "dan", cells={})).fields == {}


def test_the_settings_say_how_long_an_offer_is_open(recorder: EventRecorder) -> None:
    journal = recorder.clinic.config.journal.model_copy(update={"offer_days": 3})
    config = recorder.clinic.config.model_copy(update={"journal": journal})
    other = replace(recorder, clinic=replace(recorder.clinic, config=config))
    assert other.draft(OFFER).fields == {"until": "2026-06-18"}


def test_values_that_are_none_are_not_given(recorder: EventRecorder) -> None:
    one = step("score_recorded", "ann", "tom", session=4, score="4", instrument=None, goal=None, rater=None, bond="3.5")
    assert recorder.draft(one).fields == {
        "session": 4, "score": 4.0, "bond": 3.5, "instrument": "WAI-SR", "rater": "client",
    }  # fmt: skip


def test_an_instrument_is_named_in_any_spelling(recorder: EventRecorder) -> None:
    one = step("score_recorded", "ann", "tom", session=4, score=36, instrument="srs", rater="Therapist")
    assert recorder.draft(one).fields == {"session": 4, "score": 36.0, "instrument": "SRS", "rater": "therapist"}


def test_an_instrument_that_is_not_clear_has_to_be_named(clinic_folder: ClinicFolder) -> None:
    clinic_folder.change("outcomes.csv", "ben,una,3,2026-05-21,WAI-SR,client,3.5", "ben,una,3,2026-05-21,SRS,client,35")
    one = step("score_recorded", "ann", "tom", session=4, score=4)
    with pytest.raises(DataFault, match="the event has to name the instrument"):
        EventRecorder.open(clinic_folder).draft(one)
    clinic_folder.put("outcomes.csv", "client_id,therapist_id\nann,tom\n")
    with pytest.raises(DataFault, match="the event has to name the instrument"):
        EventRecorder.open(clinic_folder).draft(one)
    clinic_folder.add('[tables.outcomes]\ninstrument = "WAI-S"\n')
    assert EventRecorder.open(clinic_folder).draft(one).fields["instrument"] == "WAI-S"


def find_openings(recorder: EventRecorder, therapist_id: str) -> float:
    """The openings of a therapist now."""
    tables = recorder.state.tables
    return float(count_openings(tables)[(tables.therapists["therapist_id"] == therapist_id).to_numpy()][0])


def test_a_check_without_a_number_changes_no_opening(recorder: EventRecorder) -> None:
    """One of two openings is used by a start today, and the other one is held by an offer."""
    recorder.record(START, DAN, step("offered", "dan", "tom"))
    assert find_openings(recorder, "tom") == 0
    check = recorder.record(step("roster_checked", None, "tom"))
    assert check.fields == {"openings": 1}  # that of the offer
    assert find_openings(recorder, "tom") == 0
    recorder.record(step("started", "dan", "tom"))
    assert find_openings(recorder, "tom") == 0


def test_a_check_of_a_row_without_a_number_leaves_it_unknown(recorder: EventRecorder) -> None:
    draft = recorder.draft(step("roster_checked", None, "vic"))
    assert draft == EventDraft("roster_checked", TODAY, None, "vic", {}, draft.replaced)
    assert recorder.draft(step("roster_checked", None, "vic", on="2026-06-10")).fields == {}


def test_an_unknown_number_of_openings_is_no_limit_unless_the_rule_says_so(recorder: EventRecorder) -> None:
    for client in ("cat", "ben", "ann"):
        recorder.record(step("offered", client, "vic"))
    assert len(recorder.state.tables.pair_states.offers) == 3


def test_a_rule_that_is_off_restricts_no_event(clinic_folder: ClinicFolder) -> None:
    build_clinic(clinic_folder).add("[rules.open_slots]\non = false\n")
    recorder = EventRecorder.open(clinic_folder)
    recorder.record(step("offered", "cat", "una"), step("declined", "cat", "una", by="client", reason="no-answer"))
    assert recorder.record(step("undone", event=2, because="wrong-entry")).type == "undone"


def test_the_last_opening_goes_to_one_client_only(recorder: EventRecorder) -> None:
    recorder.record(step("opening_set", None, "tom", openings=1), OFFER, DAN)
    for one in (step("offered", "dan", "tom"), step("started", "dan", "tom")):
        with pytest.raises(DataFault, match="tom has no opening left; offers to cat hold 1"):
            recorder.draft(one)
    recorder.record(START)  # the offer of the pair holds its opening
    with pytest.raises(DataFault, match="tom has no opening left"):
        recorder.draft(step("offered", "dan", "tom"))


def test_a_start_before_the_last_check_is_in_its_number(recorder: EventRecorder) -> None:
    recorder.record(step("opening_set", None, "tom", openings=0))
    assert recorder.draft(step("started", "cat", "tom", on="2026-06-14")).on == dt.date(2026, 6, 14)
    with pytest.raises(DataFault, match="tom has no opening left"):
        recorder.draft(START)


def test_an_expired_offer_holds_nothing_and_can_be_made_again(recorder: EventRecorder) -> None:
    recorder.record(step("offered", "cat", "tom", on="2026-06-01", until="2026-06-07"))
    assert recorder.state.tables.pair_states.offers == ()
    assert recorder.draft(step("accepted", "cat", "tom", on="2026-06-07")).fields == {}  # recorded late
    assert recorder.record(OFFER).fields == {"until": "2026-06-22"}


def test_a_declined_pair_can_be_offered_again_and_start(recorder: EventRecorder) -> None:
    decline = step("declined", "cat", "tom", by="therapist", reason="caseload")
    recorder.record(OFFER, decline)
    assert recorder.draft(START).type == "started"
    assert recorder.record(OFFER, step("accepted", "cat", "tom"), decline).type == "declined"


def test_a_pair_that_ended_can_start_again(recorder: EventRecorder) -> None:
    recorder.record(START, END, OFFER, START)
    with pytest.raises(DataFault, match="have started already"):
        recorder.draft(START)
    assert recorder.record(END).number == 5
    again = step("offered", "ben", "una")  # the export records the dropout of this pair
    recorder.record(step("opening_set", None, "una", openings=1))
    assert recorder.record(again).type == "offered"


def test_a_wish_changes_its_strength_and_can_be_about_a_therapist_who_left(recorder: EventRecorder) -> None:
    recorder.record(WISH, step("wish_set", "cat", attribute="gender", value="man", strength="prefer"))
    draft = recorder.draft(
        step("wish_set", "cat", attribute="therapist_id", value="Not on the roster", strength="prefer")
    )
    assert (draft.therapist_id, draft.fields["value"]) == (None, "not on the roster")
    new = step("wish_set", "cat", attribute="gender", value="nonbinary", strength="must", new_codes=True)
    assert recorder.draft(new).fields["value"] == "nonbinary"
    numbers = recorder.draft(step("wish_set", "cat", attribute="age", value=">=40", strength="avoid"))
    assert numbers.fields["value"] == ">=40"


def test_every_fault_comes_at_once(recorder: EventRecorder) -> None:
    one = step("score_recorded", "zoe", "tim", on="2027-01-01", session="x", score=9, rater="me", extra=1)
    with pytest.raises(DataFault) as raised:
        recorder.draft(one)
    assert [fault.column for fault in raised.value.faults] == [
        "client", "extra", "on", "rater", "score", "session", "therapist",
    ]  # fmt: skip


ODD_VALUES: list[Any] = [
    "", "|", "\x00", "\u200b", "1e400", "9999-12-31", "not on the roster", True, -1, 0.5, float("nan"), 10**400,
    dt.datetime(2026, 6, 1, 3), dt.date.max, [], {}, b"x", object(),
]  # fmt: skip


@pytest.mark.parametrize("name", TYPES)
def test_odd_values_are_faults_and_no_crash(recorder: EventRecorder, name: str) -> None:
    """As values from a notebook or a web form can be anything."""
    people = TYPES[name].people
    client, therapist = "cat" if "client" in people else None, "tom" if "therapist" in people else None
    for odd in ODD_VALUES:
        values = dict.fromkeys(TYPES[name].all_fields, odd)
        if "cells" in values:
            values["cells"] = {"gender": odd, "age": odd}
        for on in (None, odd):
            one = Step(name, client, therapist, on, new_codes=False, values=values)
            try:
                draft = recorder.draft(one)
            except DataFault as error:
                assert str(error)  # noqa: PT017
            else:
                json.dumps([draft.fields, draft.replaced], allow_nan=False)


def test_nothing_is_recorded_while_an_event_is_of_a_day_after_today(recorder: EventRecorder) -> None:
    """A start on an earlier day than the last check would use no opening, so a clock behind is an error."""
    recorder.record(step("opening_set", None, "tom", openings=3))
    behind = replace(recorder, export=replace(recorder.export, as_of=TODAY - dt.timedelta(days=1)))
    with pytest.raises(DataFault, match="event 1 is of 2026-06-15, after today, which is 2026-06-14"):
        behind.draft(START)
    behind.events.append(
        replace(recorder.events[0], number=2, type="undone", on=behind.export.as_of, fields={"event": 1})
    )
    assert behind.draft(START).on == behind.export.as_of  # the event was taken back
