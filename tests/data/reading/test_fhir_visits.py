"""Visits and alliance ratings from FHIR: Encounter, Observation and QuestionnaireResponse."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.data.reading.fhir_clinic import (
    TOML,
    Body,
    FhirFolder,
    build_concept,
    build_encounter,
    build_practitioner,
    build_rating,
    build_reference,
    build_response,
    build_role,
)


@pytest.fixture
def clinic(tmp_path: Path) -> FhirFolder:
    """Return an empty clinic."""
    return FhirFolder(tmp_path)


def list_rows(clinic: FhirFolder, *columns: str) -> list[tuple[Any, ...]]:
    """Return columns of the outcomes; None where missing."""
    frame = clinic.read().outcomes[list(columns)].astype(object)
    return [tuple(row) for row in frame.where(frame.notna(), None).itertuples(index=False)]


def test_finished_encounters_are_numbered_within_the_pair(clinic: FhirFolder) -> None:
    clinic.put_people(
        build_encounter("e1", "c1", "t", "2026-05-11"),
        build_encounter("e2", "c1", "t", "2026-05-04"),
        build_encounter("e3", "c1", "u", "2026-05-05"),
        build_encounter("e4", "c1", "t", "2026-05-01", status="cancelled"),
        build_practitioner("t"),
        build_practitioner("u"),
    )
    rows = [(one[0], str(one[1].date()), one[2]) for one in list_rows(clinic, "therapist_id", "measured_on", "session")]
    assert sorted(rows) == [("t", "2026-05-04", 1), ("t", "2026-05-11", 2), ("u", "2026-05-05", 1)]
    assert not clinic.list_ids()


def test_a_visit_without_a_rating_shows_that_the_client_has_met_a_therapist(clinic: FhirFolder) -> None:
    clinic.put_people(build_encounter("e1", "c1", "t", "2026-05-11"))
    assert clinic.read().met_client_ids == {"c1"}
    assert list_rows(clinic, "score") == [(None,)]


def test_a_role_names_its_practitioner(clinic: FhirFolder) -> None:
    part = [{"individual": build_reference("PractitionerRole", "r")}]
    clinic.put_people(build_role("r", "t"), build_encounter("e1", "c1", "", "2026-05-11", participant=part))
    assert list_rows(clinic, "therapist_id") == [("t",)]


def test_who_treats_counts_where_several_take_part(clinic: FhirFolder) -> None:
    parts: list[Body] = [{"individual": build_reference("Practitioner", name)} for name in "tu"]
    people = (build_practitioner("t"), build_practitioner("u"))
    both = build_encounter("e1", "c1", "", "2026-05-11", participant=parts)
    clinic.put_people(*people, both, build_rating("x", "c1", "e1", "2026-05-11", 4))
    assert sorted(list_rows(clinic, "therapist_id", "score")) == [("t", None), ("u", None)]
    assert "fhir-rating-without-visit" in clinic.list_ids()
    marked = [parts[0], parts[1] | {"type": [build_concept("PPRF")]}]
    one = build_encounter("e1", "c1", "", "2026-05-11", participant=marked)
    clinic.put_people(*people, one, build_rating("x", "c1", "e1", "2026-05-11", 4))
    assert list_rows(clinic, "therapist_id", "score") == [("u", 4)]


def test_ratings_belong_to_the_encounter_that_they_name_or_to_the_only_one_of_that_day(clinic: FhirFolder) -> None:
    visits = [build_encounter(f"e{n}", "c1", "t", day) for n, day in enumerate(("2026-05-04", "2026-05-11"), 1)]
    dated = build_rating("y", "c1", "", "2026-05-11", 3.5) | {"encounter": None}
    named = build_rating("x", "c1", "e1", "2026-05-06", 4.5)
    visits += [build_encounter(name, "c1", "u", "2026-05-20") for name in ("e3", "e4")]
    stray = build_rating("z", "c1", "", "2026-05-12", 2) | {"encounter": None}
    either = build_rating("v", "c1", "", "2026-05-20", 2) | {"encounter": None}
    people = (build_practitioner("t"), build_practitioner("u"))
    clinic.put_people(*people, *visits, dated, named, stray, either)
    rated = [row for row in list_rows(clinic, "session", "score", "instrument", "rater") if row[1] is not None]
    assert sorted(rated) == [
        (1, 4.5, "WAI-SR", "client"),
        (2, 3.5, "WAI-SR", "client"),
    ]
    (fault,) = [one for one in clinic.list_faults() if one.id == "fhir-rating-without-visit"]
    assert fault.says.startswith("2 of 4 ratings belong")


def test_the_scales_and_the_rater_of_a_rating(clinic: FhirFolder) -> None:
    parts = [{"code": {"text": "Bond"}, "valueInteger": 5}, {"code": {"text": "other"}, "valueInteger": 1}]
    rating = build_rating("x", "c1", "e1", "2026-05-11", 4) | {"component": parts}
    rating["performer"] = [build_reference("Practitioner", "t")]
    clinic.put_people(build_encounter("e1", "c1", "t", "2026-05-11"), rating)
    assert list_rows(clinic, "score", "bond", "goal", "rater") == [(4, 5, None, "therapist")]


@pytest.mark.parametrize(("n_items", "score"), [(12, 4), (10, 4), (9, None)])
def test_items_of_a_response_are_scored_by_the_key_of_the_instrument(
    clinic: FhirFolder, n_items: int, score: float | None
) -> None:
    numbers = range(1, 13)
    answers = [[{"valueInteger": 4 if number <= n_items else 6}] for number in numbers]  # 6 is out of range
    items = [{"linkId": f"wai{number}", "answer": one} for number, one in zip(numbers, answers, strict=True)]
    page = "http://example.org/Questionnaire/WAI-SR|1.0"
    who = build_reference("Patient", "c1")
    answered = build_response("q", "c1", items, questionnaire=page, encounter={"reference": "Encounter/e1"}, source=who)
    clinic.put_people(build_encounter("e1", "c1", "t", "2026-05-11"), answered)
    assert list_rows(clinic, "score", "rater") == [(score, "client")]


def test_only_visits_that_rows_keeps_count_as_sessions(clinic: FhirFolder) -> None:
    therapy, other = [build_concept("x", "Psychotherapy")], [build_concept("y", "Blood test")]
    clinic.put_people(
        build_encounter("e1", "c1", "t", "2026-05-01", type=other),
        build_encounter("e2", "c1", "t", "2026-05-04", type=therapy),
    )
    condition = 'rows = { column = "Encounter.type", is = "psychotherapy" }\n'
    (clinic.folder / "clinic.toml").write_text(TOML + condition)
    assert list_rows(clinic, "session") == [(1,)]
    (clinic.folder / "clinic.toml").write_text(
        TOML + 'rows = { column = "Encounter.type", from = 3, is = 2026-01-01 }\n'
    )
    assert any(fault.stops for fault in clinic.list_faults())


def test_references_to_nobody_are_reported_as_in_any_table(clinic: FhirFolder) -> None:
    clinic.put_people(
        build_encounter("e1", "unlisted", "t", "2026-05-01"),
        build_encounter("e2", "c1", "gone", "2026-05-01"),
        build_encounter("e3", "c1", "t", "2026-05-01"),
        build_encounter("e4", "c1", "", "2026-05-02", participant=[]),
    )
    assert {"rating-of-unknown-client", "departed-therapist", "row-without-id"} <= {
        fault.id for fault in clinic.list_faults()
    }
    assert list_rows(clinic, "client_id", "therapist_id") == [("c1", "t")]


def test_an_encounter_without_an_id_or_a_start_is_a_visit_without_a_number(clinic: FhirFolder) -> None:
    bodies = [build_encounter("", "c1", "t", "2026-05-01", period=None) for _ in range(2)]
    for number, one in enumerate(bodies):
        del one["id"]
        one["priority"] = {"text": str(number)}
    clinic.put_people(*bodies)
    frame = clinic.read().outcomes
    assert frame["session"].isna().all()
    assert clinic.read().met_client_ids == {"c1"}


def test_without_encounters_there_is_a_warning(clinic: FhirFolder) -> None:
    clinic.put_people()
    assert clinic.list_ids() == ["fhir-without-encounter"]
    assert isinstance(clinic.read().outcomes, pd.DataFrame)


def test_a_rating_that_is_derived_from_its_response_is_counted_once(clinic: FhirFolder) -> None:
    items: list[Body] = [{"linkId": str(number), "answer": [{"valueInteger": 4}]} for number in range(1, 13)]
    visit = build_reference("Encounter", "e1")
    response = build_response("q", "c1", items, questionnaire="http://example.org/WAI-SR", encounter=visit)
    total = build_rating("r", "c1", "e1", "2026-05-11", 4.0) | {
        "derivedFrom": [build_reference("QuestionnaireResponse", "q")]
    }
    clinic.put_people(build_encounter("e1", "c1", "t", "2026-05-11"), response, total)
    assert list_rows(clinic, "score", "bond") == [(4.0, 4.0)]
    void = response | {"status": "entered-in-error"}
    clinic.put_people(build_encounter("e1", "c1", "t", "2026-05-11"), void, total)
    assert list_rows(clinic, "score", "bond") == [(4.0, None)]


def test_visits_are_numbered_by_time_in_any_time_zone(clinic: FhirFolder) -> None:
    starts = {"e1": "2026-05-01T23:30:00-05:00", "e2": "2026-05-02T01:00:00Z"}  # the second one is earlier
    clinic.put_people(*(build_encounter(name, "c1", "t", "", period={"start": at}) for name, at in starts.items()))
    days = {str(day.date()): session for day, session in list_rows(clinic, "measured_on", "session")}
    assert days == {"2026-05-01": 2, "2026-05-02": 1}
