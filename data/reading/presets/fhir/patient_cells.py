"""Clients from Patient: age, gender, race and ethnicity, languages, home state, and whether the record is in use."""

from __future__ import annotations

from typing import Any

from attune_fit.data.reading.presets.fhir.fhir_elements import (
    Element,
    describe_concept,
    find_element,
    find_flag,
    find_text,
    is_begun,
    is_over,
    join_set,
    list_elements,
    list_extensions,
)
from attune_fit.data.reading.presets.fhir.language_codes import normalize_language
from attune_fit.data.reading.presets.fhir.resource_store import ResourceStore
from attune_fit.data.reading.presets.fhir.us_states import normalize_state

ID, STATUS, BIRTH_DATE, GENDER = "Patient.id", "Patient.status", "Patient.birthDate", "Patient.gender"
RACE, LANGUAGES, STATE = "Patient.extension race ethnicity", "Patient.communication", "Patient.address.state"
ACTIVE, INACTIVE, DECEASED = "active", "inactive", "deceased"
GENDERS = ("male", "female", "other", "unknown")  # http://hl7.org/fhir/R4/valueset-administrative-gender.html
OTHER_ADDRESSES = ("old", "billing", "work", "temp")  # http://hl7.org/fhir/R4/valueset-address-use.html
# null flavours, and "Not Hispanic or Latino": nearly everyone shares it, and it names no group
NO_GROUP = frozenset({"UNK", "ASKU", "NASK", "NI", "2186-5"})
IDENTIFYING = ("name", "telecom", "identifier", "contact", "photo")

Cells = tuple[dict[str, str | None], list[str]]


def read_patient(body: dict[str, Any], name: str, store: ResourceStore) -> Cells:
    """Return the cells of a client, and the headers of those that cannot be read.

    Parameters
    ----------
    body : dict
        The Patient.
    name : str
        Its id; empty where it has none.
    store : ResourceStore
        All resources.
    """
    languages, gender = [normalize_language(one) for one in _list_languages(body)], find_text(body, "gender")
    states = list_home_states(body, store)
    cells = {
        ID: name or None,
        STATUS: read_record_status(body),
        BIRTH_DATE: find_text(body, "birthDate") or None,
        GENDER: gender if gender and gender != "unknown" else None,
        RACE: join_set(_list_groups(body)),
        LANGUAGES: join_set(languages),
        STATE: states[0] if states else None,
    }
    is_bad = {GENDER: gender not in ("", *GENDERS), LANGUAGES: "" in languages, STATE: len(states) > 1}
    return cells, [header for header, one in is_bad.items() if one]


def read_record_status(body: Element) -> str:
    """Return ``deceased``, ``inactive`` where the record is not in use, else ``active``."""
    if find_flag(body, "deceasedBoolean") or "deceasedDateTime" in body:
        return DECEASED
    return INACTIVE if find_flag(body, "active") is False else ACTIVE


def list_home_states(body: Element, store: ResourceStore) -> list[str]:
    """Return the distinct states of the current home addresses; one without a use counts where none is called home."""
    homes = [
        one
        for one in list_elements(body, "address")
        if find_text(one, "use") not in OTHER_ADDRESSES
        and is_begun(find_element(one, "period"), store.day)
        and not is_over(find_element(one, "period"), store.day)
    ]
    named = [one for one in homes if find_text(one, "use") == "home"] or homes
    states = [normalize_state(find_text(one, "state")) for one in named]
    return list(dict.fromkeys(filter(None, states)))


def _list_languages(body: Element) -> list[Element]:
    return [find_element(one, "language") for one in list_elements(body, "communication")]


def _list_groups(body: Element) -> list[str]:
    """Return what the US Core extensions of race and ethnicity show; a detailed code only where it is alone."""
    groups = []
    for end in ("us-core-race", "us-core-ethnicity"):
        for extension in list_extensions(body, end):
            for url in ("ombCategory", "detailed"):
                codings = [find_element(one, "valueCoding") for one in list_extensions(extension, url)]
                named = [
                    describe_concept({"coding": [one]}) for one in codings if find_text(one, "code") not in NO_GROUP
                ]
                if codings:
                    groups += named
                    break
    return groups
