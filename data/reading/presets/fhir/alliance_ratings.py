"""Alliance ratings of visits, as Observation and as QuestionnaireResponse that name an instrument."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import pandas as pd

from attune_fit.data.clinic.instruments import (
    ALLIANCE_SCALES,
    INSTRUMENTS,
    Instrument,
    normalize_instrument_name,
    score_items,
)
from attune_fit.data.reading.presets.fhir.encounter_visits import ClientVisit
from attune_fit.data.reading.presets.fhir.fhir_elements import (
    Element,
    find_date,
    find_element,
    find_number,
    find_text,
    list_codes,
    list_elements,
)
from attune_fit.data.reading.presets.fhir.resource_files import Resource
from attune_fit.data.reading.presets.fhir.resource_store import ResourceStore
from attune_fit.data.reading.presets.fhir.symptom_forms import (
    FINAL,
    Ordinals,
    list_answer_ordinals,
    list_items,
    read_answer,
)

SCORES = ("score", *ALLIANCE_SCALES)
RATERS = {"Patient": "client", "RelatedPerson": "client", "Practitioner": "therapist", "PractitionerRole": "therapist"}
_ITEM_NUMBER = re.compile(r"(\d{1,3})$", re.ASCII)
_BY_NAME = {normalize_instrument_name(one.name): one for one in INSTRUMENTS}


class AllianceRating(NamedTuple):
    """One rating: its resource, the encounter that it names or an empty text, and its cells."""

    resource: Resource
    client: str
    encounter: str
    date: str
    instrument: str
    rater: str | None
    scores: dict[str, str]


def list_alliance_ratings(store: ResourceStore) -> list[AllianceRating]:
    """Return the ratings that name an instrument of Attune, by a code, a display, a text or the questionnaire.

    An Observation that is derived from such a response is the same form as the response.
    """
    responses = list(_list_responses(store))
    scored = {one.resource.id for one in responses if one.scores}
    observed = (one for one in _list_observed(store) if scored.isdisjoint(_list_response_ids(one, store)))
    return [*observed, *responses]


def _list_response_ids(rating: AllianceRating, store: ResourceStore) -> Iterator[str]:
    targets = map(store.find_target, list_elements(rating.resource.body, "derivedFrom"))
    return (name for kind, name in targets if kind == "QuestionnaireResponse" and name)


def _list_observed(store: ResourceStore) -> Iterator[AllianceRating]:
    for one in store.list_kind("Observation"):
        instrument = find_instrument(_list_names(find_element(one.body, "code")))
        if instrument is None or find_text(one.body, "status") not in FINAL:
            continue
        scores = {"score": _read_score(one.body)}
        for part in list_elements(one.body, "component"):
            names = {name.casefold() for name in _list_names(find_element(part, "code"))}
            scores |= {scale: _read_score(part) for scale in ALLIANCE_SCALES if scale in names}
        raters = list_elements(one.body, "performer")
        date = find_date(one.body, "effectiveDateTime", "effectivePeriod", "effectiveInstant", "issued")
        yield _build_rating(one, date, instrument, raters, scores, store)


def _list_responses(store: ResourceStore) -> Iterator[AllianceRating]:
    ordinals = list_answer_ordinals(store)
    for one in store.list_kind("QuestionnaireResponse"):
        page = re.split(r"[/:]", find_text(one.body, "questionnaire").split("|")[0])[-1]
        instrument = find_instrument([page])
        if instrument is None or find_text(one.body, "status") not in FINAL:
            continue
        raters = [find_element(one.body, key) for key in ("source", "author")]
        scores = _score_response(one.body, instrument, ordinals)
        yield _build_rating(one, find_date(one.body, "authored"), instrument, raters, scores, store)


def _list_names(concept: Element) -> list[str]:
    displays = [find_text(coding, "display") for coding in list_elements(concept, "coding")]
    return [*list_codes(concept), *displays, find_text(concept, "text")]


def find_instrument(names: Iterable[str]) -> Instrument | None:
    """Return the instrument of Attune that the first of the names is, which is one; None where none is."""
    return next((_BY_NAME[name] for name in map(normalize_instrument_name, names) if name in _BY_NAME), None)


def _read_score(element: Element) -> float | None:
    values = [find_number(find_element(element, "valueQuantity"), "value")]
    values += [find_number(element, key) for key in ("valueInteger", "valueDecimal")]
    return next((value for value in values if value is not None), None)


def _score_response(body: Element, instrument: Instrument, ordinals: Ordinals) -> dict[str, float | None]:
    """Return the scores from the answers to the items, whose ``linkId`` end in their numbers."""
    answers = {}
    for item in list_items(body):
        number = _ITEM_NUMBER.search(find_text(item, "linkId"))
        if number and list_elements(item, "answer"):
            answers[int(number[1])] = read_answer(list_elements(item, "answer"), ordinals)
    low, high, n_items = instrument.item_low, instrument.item_high, instrument.items
    known = {item: one for item, one in answers.items() if one is not None and low <= one <= high}
    form = pd.DataFrame([[known.get(item, math.nan) for item in range(1, n_items + 1)]])
    return (
        {} if not known else {str(name): float(score) for name, score in score_items(form, instrument).iloc[0].items()}
    )


def _build_rating(
    one: Resource, date: str, instrument: Instrument, raters: list[Element], scores: dict[str, float | None],
    store: ResourceStore,
) -> AllianceRating:  # fmt: skip
    kinds = [store.find_target(rater)[0] for rater in raters if rater]
    known = {name: f"{score:.10g}" for name, score in scores.items() if score is not None and not math.isnan(score)}
    return AllianceRating(
        one,
        store.find_id(find_element(one.body, "subject"), "Patient"),
        store.find_id(find_element(one.body, "encounter"), "Encounter"),
        date,
        instrument.name,
        next((RATERS[kind] for kind in kinds if kind in RATERS), None),
        known,
    )


def match_ratings(
    ratings: Iterable[AllianceRating], visits: Iterable[ClientVisit]
) -> tuple[dict[str, list[AllianceRating]], list[AllianceRating]]:
    """Return the ratings of each visit, by its key, and those that belong to none for sure.

    A rating belongs to the encounter that it names, else to the client's only one of that day. An encounter with
    several practitioners has none: whom the rating is about is not known.
    """
    usable = [visit for visit in visits if len(visit.therapists) == 1]
    by_id = {visit.key: visit for visit in usable}
    by_day = defaultdict[tuple[str, str], list[ClientVisit]](list)
    for visit in usable:
        by_day[visit.client, visit.start[:10]].append(visit)
    matched, unmatched = defaultdict[str, list[AllianceRating]](list), []
    for rating in ratings:
        day = by_day.get((rating.client, rating.date[:10]), []) if rating.client and len(rating.date) > 9 else []
        found = by_id.get(rating.encounter) if rating.encounter else day[0] if len(day) == 1 else None
        if found is None or (rating.client and rating.client != found.client):
            unmatched.append(rating)
        else:
            matched[found.key].append(rating)
    return dict(matched), unmatched
