"""States in which a practitioner has a licence, where a resource names them for sure."""

from __future__ import annotations

from collections.abc import Iterator

from attune_fit.data.cell_parsing import normalize_code
from attune_fit.data.reading.presets.fhir.fhir_elements import (
    Element,
    describe_concept,
    find_element,
    find_text,
    is_begun,
    is_over,
    is_unclear,
    list_codes,
    list_elements,
    list_extensions,
)
from attune_fit.data.reading.presets.fhir.resource_store import ResourceStore
from attune_fit.data.reading.presets.fhir.us_states import STATES, find_state_names, normalize_state

# http://terminology.hl7.org/CodeSystem/v2-0203: licence number, medical licence, nurse, physician assistant, state
LICENCE_TYPES = frozenset({"LN", "MD", "SL", "RN", "LPN", "NP", "PA", "PHY"})
ACTIVE = "active"  # http://hl7.org/fhir/us/davinci-pdex-plan-net/CodeSystem/QualificationStatusCS
LICENCE_WORDS = ("licence", "license", "licensure")  # in the name of a type or a code
SCHOOL_WORDS = ("university", "college", "school", "institute")  # who issues degrees, and no licences
_CODES = frozenset(STATES.values())


def list_licence_states(body: Element, store: ResourceStore) -> list[str]:
    """Return the codes of the states in which a practitioner is licensed, each once.

    A licence is a qualification with a number of such a type, or with such a name, that is not over. Its state is the
    jurisdiction of its number, else the state that its number, its assigner or its issuer names. A degree is none.
    """
    found = [state for one in _list_licences(body, store) for state in sorted(_find_states(one, store))]
    numbers = [one for one in list_elements(body, "identifier") if _is_licence_number(one)]
    found += [state for one in numbers for state in sorted(_find_number_states(one, store))]
    return list(dict.fromkeys(found))


def _list_licences(body: Element, store: ResourceStore) -> Iterator[Element]:
    for one in list_elements(body, "qualification"):
        period, identifiers = find_element(one, "period"), list_elements(one, "identifier")
        is_licence = any(map(_is_licence_number, identifiers)) or _names_licence(find_element(one, "code"))
        if is_licence and is_begun(period, store.day) and not is_over(period, store.day) and _is_in_force(one):
            yield one


def _is_in_force(qualification: Element) -> bool:
    """Return whether the status of a qualification, which Plan-Net adds, is active; one without a status is."""
    details = list_extensions(qualification, "practitioner-qualification")
    codes = [find_text(status, "valueCode") for one in details for status in list_extensions(one, "status")]
    return all(code == ACTIVE for code in codes)


def has_unclear_licence(body: Element) -> bool:
    """Return whether the period of any licence cannot be read, so that it is not known whether it is over."""
    numbers = [one for one in list_elements(body, "identifier") if _is_licence_number(one)]
    for one in list_elements(body, "qualification"):
        own = list_elements(one, "identifier")
        if any(map(_is_licence_number, own)) or _names_licence(find_element(one, "code")):
            numbers += [one, *own]
    return any(is_unclear(find_element(one, "period")) for one in numbers)


def _is_licence_number(identifier: Element) -> bool:
    kind = find_element(identifier, "type")
    return not LICENCE_TYPES.isdisjoint(list_codes(kind)) or _names_licence(kind)


def _names_licence(concept: Element) -> bool:
    text = normalize_code(f"{describe_concept(concept)} {find_text(concept, 'text')}")
    return any(word in text for word in LICENCE_WORDS)


def _find_states(licence: Element, store: ResourceStore) -> set[str]:
    numbers = list_elements(licence, "identifier")
    found = set[str]().union(*(_find_number_states(one, store) for one in numbers))
    return found or _find_named_states(find_element(licence, "issuer"), store)


def _find_number_states(identifier: Element, store: ResourceStore) -> set[str]:
    """Return the states of a licence number: its jurisdictions, else what its type or its assigner names."""
    period = find_element(identifier, "period")
    if find_text(identifier, "use") == "old" or is_over(period, store.day) or not is_begun(period, store.day):
        return set()
    places = list_extensions(identifier, "us-core-jurisdiction")
    codes = [code for one in places for code in list_codes(find_element(one, "valueCodeableConcept"))]
    if codes:
        return {state for state in map(normalize_state, codes) if state in _CODES}
    named = _find_named_states(find_element(identifier, "assigner"), store)
    return named or find_state_names(find_text(find_element(identifier, "type"), "text"))


def _find_named_states(reference: Element, store: ResourceStore) -> set[str]:
    """Return the one state that the name of an organization holds; none of a school."""
    found = store.find_resource(reference)
    names = [find_text(reference, "display"), find_text(found.body, "name") if found else ""]
    if any(word in normalize_code(name) for name in names for word in SCHOOL_WORDS):
        return set()
    states = set[str]().union(*map(find_state_names, names))
    return states if len(states) == 1 else set()
