"""The visits of a clinic and their alliance ratings, from Encounter, Observation and QuestionnaireResponse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from attune_fit.data.clinic.row_condition import is_condition_met
from attune_fit.data.faults import DataFault
from attune_fit.data.reading.presets.fhir.alliance_ratings import (
    SCORES,
    AllianceRating,
    list_alliance_ratings,
    match_ratings,
)
from attune_fit.data.reading.presets.fhir.cell_rows import CellRows
from attune_fit.data.reading.presets.fhir.encounter_visits import ClientVisit, count_sessions, list_visits
from attune_fit.data.reading.presets.preset import PresetTable
from attune_fit.data.reading.rows.header_match import find_header

if TYPE_CHECKING:
    from attune_fit.data.clinic.mapping_config import TableMapping
    from attune_fit.data.fault_collector import FaultCollector
    from attune_fit.data.reading.presets.fhir.resource_store import ResourceStore

CLIENT, THERAPIST, SESSION = "Encounter.subject", "Encounter.participant", "Encounter session"
DAY, KIND, SETTING = "Encounter.period.start", "Encounter.type", "Encounter.class"
INSTRUMENT, RATER = "rating instrument", "rating rater"
SCORE_HEADERS = {name: f"rating {name}" for name in SCORES}
HEADERS = (CLIENT, THERAPIST, SESSION, DAY, KIND, SETTING, INSTRUMENT, RATER, *SCORE_HEADERS.values())
COLUMNS = {
    "client_id": CLIENT,
    "therapist_id": THERAPIST,
    "session": SESSION,
    "measured_on": DAY,
    "instrument": INSTRUMENT,
    "rater": RATER,
    **SCORE_HEADERS,
}


def read_outcomes(store: ResourceStore, mapping: TableMapping, collector: FaultCollector) -> PresetTable | None:
    """Return one row for each rating, and one for each visit and therapist without a rating."""
    visits, rows = list_visits(store), CellRows(HEADERS)
    if not store.list_kind("Encounter"):
        message = "no file has an Encounter, so that no client has met a therapist: all of them wait"
        fix = "Export Encounter too, or set `[waiting] where`."
        collector.add_warning("fhir-without-encounter", "", message, fix)
    ratings = list_alliance_ratings(store)
    matched, unmatched = match_ratings(ratings, visits)
    sessions = count_sessions(_keep_visits(visits, mapping))
    for visit in visits:
        for therapist in visit.therapists or ("",):
            number = sessions.get((visit.key, therapist))
            own: list[AllianceRating | None] = [*matched.get(visit.key, ())]
            for rating in own or [None]:
                rows.add(visit.resource, _build_cells(visit, therapist, number, rating))
    if unmatched:
        message = (
            f"{len(unmatched)} of {len(ratings)} ratings belong to no finished encounter with one practitioner for sure"
        )
        fix = "Attune does not read them. Name the encounter in each, or date it on the day of the only one."
        collector.add_warning("fhir-rating-without-visit", "", message, fix)
    return PresetTable(rows.build(), dict(COLUMNS), {"literal": True})


def _build_cells(
    visit: ClientVisit, therapist: str, session: int | None, rating: AllianceRating | None
) -> dict[str, str | None]:
    cells = {
        CLIENT: visit.client or None,
        THERAPIST: therapist or None,
        SESSION: None if session is None else str(session),
        DAY: visit.start if len(visit.start) > 9 else None,
        KIND: visit.kind,
        SETTING: visit.setting,
    }
    if rating is not None:
        cells |= {INSTRUMENT: rating.instrument, RATER: rating.rater}
        cells |= {DAY: rating.date} if len(rating.date) > 9 else {}
        cells |= {SCORE_HEADERS[name]: score for name, score in rating.scores.items()}
    return cells


def _keep_visits(visits: list[ClientVisit], mapping: TableMapping) -> list[ClientVisit]:
    """Return the visits that ``rows`` of the clinic keeps: only these count as sessions."""
    condition = mapping.rows
    cells = pd.DataFrame(
        [_build_cells(one, "".join(one.therapists[:1]), None, None) for one in visits], columns=HEADERS
    )
    header = None if condition is None else find_header(cells, condition.column)
    if condition is None or header is None:
        return visits
    try:
        is_kept = is_condition_met(condition, cells[header].astype("str"), "tables.outcomes.rows", mapping)
    except DataFault:  # it is reported where the rows are kept
        return visits
    return [visit for visit, one in zip(visits, is_kept, strict=True) if one]
