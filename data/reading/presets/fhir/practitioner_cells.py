"""Therapists from Practitioner and their PractitionerRole: languages, licences, specialties, weekly times, openings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from attune_fit.data.reading.presets.fhir.fhir_elements import (
    Element,
    describe_concept,
    find_element,
    find_flag,
    find_text,
    is_begun,
    is_over,
    is_unclear,
    join_set,
    list_codes,
    list_elements,
    list_extensions,
)
from attune_fit.data.reading.presets.fhir.language_codes import normalize_language
from attune_fit.data.reading.presets.fhir.licence_states import has_unclear_licence, list_licence_states
from attune_fit.data.reading.presets.fhir.patient_cells import (
    ACTIVE,
    GENDERS,
    INACTIVE,
    Cells,
    read_record_status,
)
from attune_fit.data.reading.presets.fhir.resource_store import ResourceStore
from attune_fit.data.reading.presets.fhir.weekly_hours import list_role_times

ID, STATUS = "Practitioner.id", "Practitioner.status"
BIRTH_DATE, GENDER = "Practitioner.birthDate", "Practitioner.gender"
LANGUAGES, LICENCES = "Practitioner.communication", "Practitioner.qualification"
SPECIALTY, CODE = "PractitionerRole.specialty", "PractitionerRole.code"
TIMES, OPENINGS = "PractitionerRole.availableTime", "PractitionerRole.extension newpatients"
IDENTIFYING = ("name", "telecom", "identifier", "address", "photo")
# http://hl7.org/fhir/us/davinci-pdex-plan-net/CodeSystem/AcceptingPatientsCS: who takes no new clients
NOT_ACCEPTING = frozenset({"nopt", "existptonly", "existptfam"})
ACCEPTING = "newpt"


def list_roles(store: ResourceStore) -> dict[str, list[Element]]:
    """Return the roles of each practitioner, by id, also those that are not active."""
    roles = defaultdict[str, list[Element]](list)
    for one in store.list_kind("PractitionerRole"):
        roles[store.find_id(find_element(one.body, "practitioner"), "Practitioner")].append(one.body)
    return dict(roles)


def read_practitioner(
    body: dict[str, Any], name: str, roles: list[Element], slot_times: list[str], store: ResourceStore
) -> Cells:
    """Return the cells of a therapist, and the headers of those that cannot be read.

    Parameters
    ----------
    body : dict
        The Practitioner.
    name : str
        Its id; empty where it has none.
    roles : list of dict
        Its PractitionerRole resources.
    slot_times : list of str
        Weekly times of its free slots. They count where no role has hours.
    store : ResourceStore
        All resources.
    """
    active = [role for role in roles if _is_active(role, store)]
    languages = [normalize_language(one) for one in list_elements(body, "communication")]
    gender, times = find_text(body, "gender"), [time for role in active for time in list_role_times(role)]
    specialties = [describe_concept(one) for role in active for one in list_elements(role, "specialty")]
    codes = [describe_concept(one) for role in active for one in list_elements(role, "code")]
    status = INACTIVE if roles and not active else read_record_status(body)
    cells = {
        ID: name or None,
        STATUS: status,
        BIRTH_DATE: find_text(body, "birthDate") or None,
        GENDER: gender if gender and gender != "unknown" else None,
        LANGUAGES: join_set(languages),
        LICENCES: join_set(list_licence_states(body, store)),
        SPECIALTY: join_set(specialties),
        CODE: join_set(codes) if status == ACTIVE else None,
        TIMES: join_set(times or slot_times),
        OPENINGS: "0" if active and all(is_closed(role, store) for role in active) else None,
    }
    is_bad = {
        GENDER: gender not in ("", *GENDERS),
        LANGUAGES: "" in languages,
        LICENCES: has_unclear_licence(body),
        TIMES: "" in times,
        OPENINGS: cells[OPENINGS] is None and any(_is_opening_unclear(role) for role in active),
    }
    return cells, [header for header, one in is_bad.items() if one]


def _is_active(role: Element, store: ResourceStore) -> bool:
    period = find_element(role, "period")
    return find_flag(role, "active") is not False and is_begun(period, store.day) and not is_over(period, store.day)


def list_unplaced_roles(store: ResourceStore) -> list[str]:
    """Return the ids of roles that are over or take no new clients, and whose practitioner no reference finds."""
    return [
        one.id or f"{one.file} {one.row}"
        for one in store.list_kind("PractitionerRole")
        if find_element(one.body, "practitioner")
        and not store.find_id(find_element(one.body, "practitioner"), "Practitioner")
        and (not _is_active(one.body, store) or is_closed(one.body, store) or _is_opening_unclear(one.body))
    ]


def _list_accepting(role: Element) -> Iterator[list[str]]:
    """Yield the codes of each statement of Plan-Net about new clients."""
    for extension in list_extensions(role, "newpatients"):
        for one in list_extensions(extension, "acceptingPatients"):
            yield list_codes(find_element(one, "valueCodeableConcept"))


def _is_opening_unclear(role: Element) -> bool:
    """Return whether it is not known if a role takes new clients: its period or its code cannot be read."""
    codes = [ACCEPTING in one or not NOT_ACCEPTING.isdisjoint(one) for one in _list_accepting(role)]
    return is_unclear(find_element(role, "period")) or not all(codes)


def is_closed(role: Element, store: ResourceStore) -> bool:
    """Return whether a role takes no new clients: a code of Plan-Net, or it is away on the day of the tables."""
    if any(not NOT_ACCEPTING.isdisjoint(codes) for codes in _list_accepting(role)):
        return True
    absences = [find_element(one, "during") for one in list_elements(role, "notAvailable")]
    return any(one and is_begun(one, store.day) and not is_over(one, store.day) for one in absences)
