"""Wishes of clients: Care Experience Preference, and the coded wishes of the responses that it is derived from."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from attune_fit.data.clinic.columns import UNREADABLE_CELL
from attune_fit.data.reading.presets.fhir.fhir_elements import (
    LOINC,
    VOID_STATUSES,
    Element,
    find_element,
    find_number,
    find_text,
    list_codes,
    list_elements,
)
from attune_fit.data.reading.presets.fhir.resource_files import Resource
from attune_fit.data.reading.presets.fhir.resource_store import ResourceStore
from attune_fit.data.reading.presets.fhir.symptom_forms import list_items

PREFERENCE_CODE = "95541-9"  # https://loinc.org/95541-9 Care experience preference
PARTS = ("attribute", "value", "strength")  # of a wish: the last part of the linkId of its items
HEADERS = {part: f"QuestionnaireResponse.item {part}" for part in PARTS}
CLIENT = "QuestionnaireResponse.subject"


class ClientWish(NamedTuple):
    """One coded wish: its client, its response, and its parts, None where missing."""

    client: str
    response: Resource
    parts: dict[str, str | None]


class WishReading(NamedTuple):
    """All wishes, the preferences with free text alone, and those whose response cannot be found in the files."""

    wishes: list[ClientWish]
    free_text: list[Resource]
    without_response: list[Resource]


def read_wishes(store: ResourceStore) -> WishReading:
    """Return the wishes of clients that are not void.

    A wish is a group of items whose ``linkId`` end in ``attribute``, ``value`` and ``strength``, as codes. Each
    response with such a group counts, also one that no preference points to: a wish restricts. Where each preference
    that points to it is void, it is void too. Free text is never read as a wish.
    """
    preferences = [one for one in store.list_kind("Observation") if _is_preference(one)]
    pointing, free_text, without = defaultdict[str, list[bool]](list), [], []
    responses = [(one, _list_response_wishes(one, store)) for one in store.list_kind("QuestionnaireResponse")]
    found = defaultdict[str, list[ClientWish]](list)  # versions of which none is known to be the older one all count
    for one, own in responses:
        found[one.id].extend(own)
    for one in preferences:
        is_void = find_text(one.body, "status") in VOID_STATUSES
        sources = [target for target in list_elements(one.body, "derivedFrom") if find_text(target, "reference")]
        targets = map(store.find_target, sources)  # of no kind: in the resource itself, or in no file
        names = [name for kind, name in targets if kind in ("QuestionnaireResponse", "")]
        for name in names:
            pointing[name].append(is_void)
        if is_void:
            continue
        if any(name not in found for name in names):
            without.append(one)
        elif not any(found[name] for name in names):
            free_text.append(one)
    wishes = [
        wish
        for one, own in responses
        if find_text(one.body, "status") not in VOID_STATUSES and not (pointing[one.id] and all(pointing[one.id]))
        for wish in own
    ]
    return WishReading(wishes, free_text, without)


def _is_preference(one: Resource) -> bool:
    return PREFERENCE_CODE in list_codes(find_element(one.body, "code"), LOINC)


def _list_response_wishes(one: Resource, store: ResourceStore) -> list[ClientWish]:
    client = store.find_id(find_element(one.body, "subject"), "Patient")
    return [ClientWish(client, one, parts) for parts in _list_groups(one.body)]


def _list_groups(body: Element) -> Iterator[dict[str, str | None]]:
    """Yield the parts of each wish. Items of a response that are no part of a group form one of their own."""
    for group in (body, *list_items(body)):
        named = [(_find_part(item), item) for item in list_elements(group, "item")]
        found = [part for part, _ in named if part]
        parts = {part: _read_part(item) for part, item in named if part}
        if len(found) > len(parts) > 1:  # which parts belong together is not known
            yield dict.fromkeys(PARTS, UNREADABLE_CELL)
        elif len(parts) > 1:  # one alone can be part of any form
            yield {part: parts.get(part) for part in PARTS}


def _find_part(item: Element) -> str:
    last = re.split(r"[\W_]+", find_text(item, "linkId").casefold())[-1]
    return last if last in PARTS else ""


def _read_part(item: Element) -> str | None:
    """Return the code or the number of an item with one answer; None without any, UNREADABLE_CELL for another one."""
    answers = list_elements(item, "answer")
    if len(answers) != 1:
        return UNREADABLE_CELL if answers else None
    coding = find_element(answers[0], "valueCoding")
    numbers = [find_number(answers[0], key) for key in ("valueInteger", "valueDecimal")]
    known = [f"{number:g}" for number in numbers if number is not None]
    return next(filter(None, [find_text(coding, "code"), *known]), UNREADABLE_CELL)
