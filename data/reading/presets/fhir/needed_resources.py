"""Observations that a table needs: those of vital signs and laboratories can be millions."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from attune_fit.data.cell_parsing import normalize_text
from attune_fit.data.reading.presets.fhir.alliance_ratings import find_instrument
from attune_fit.data.reading.presets.fhir.coded_wishes import PREFERENCE_CODE
from attune_fit.data.reading.presets.fhir.fhir_elements import Element, find_element, list_elements
from attune_fit.data.reading.presets.fhir.symptom_forms import SCALES

_FORM_CODES = {code for scale in SCALES for code in (scale.panel, scale.total, *scale.items)}
_CODES = frozenset({PREFERENCE_CODE, *_FORM_CODES})
CACHED_NAMES = 10_000  # an export holds the same few codes again and again


def is_needed_resource(kind: str, body: Element) -> bool:
    """Return whether a resource can be part of a table: any but an Observation of something else.

    >>> is_needed_resource("Observation", {"code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]}})
    False
    """
    if kind != "Observation" or "hasMember" in body or "related" in body:
        return True
    return any(map(_is_known_name, _list_names(body)))


def _list_names(body: Element) -> Iterator[str]:
    for part in (body, *list_elements(body, "component")):
        concept = find_element(part, "code")
        for one in (concept, *list_elements(concept, "coding")):
            yield from (text for key in ("code", "display", "text") if isinstance(text := one.get(key), str))


@lru_cache(CACHED_NAMES)
def _is_known_name(text: str) -> bool:
    return normalize_text(text) in _CODES or find_instrument([text]) is not None
