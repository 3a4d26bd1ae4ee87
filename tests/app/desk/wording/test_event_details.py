"""The fields of events as the pages show them."""

import pytest

from attune_fit.app.desk.wording.event_details import format_event_details


@pytest.mark.parametrize(
    ("type_", "fields", "text"),
    [
        ("undone", {"event": 24, "because": "decision-changed"}, "event 24, The clinic took its decision back."),
        ("offered", {"until": "2026-01-12"}, "until 12 January 2026"),
        ("wish_set", {"attribute": "gender", "value": "woman", "strength": "prefer"}, "gender: woman, prefer"),
        ("client_added", {"cells": {"languages": "spanish|english", "age": 29.0, "priority": None}},
         "languages: spanish, english, age: 29, priority: not known"),
        ("opening_set", {"openings": 2}, "openings 2"),
        ("offered", {"override": "prefers-alternative", "rank": 2, "line": 7},
         "place 2 of the list, The client asked for this therapist."),
        ("declined", {"reason": "no-answer", "by": "client"},
         "by the client, No answer, although the clinic asked again."),
        ("declined", {"reason": "a-code-of-later"}, "a-code-of-later"),
        ("wish_withdrawn", {"attribute": "gender"}, "gender"),
    ],
)  # fmt: skip
def test_details_are_words(type_: str, fields: dict[str, object], text: str) -> None:
    assert format_event_details({"type": type_, "fields": fields}) == text
