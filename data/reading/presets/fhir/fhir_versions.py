"""Signs of another version of FHIR than R4: elements that only that version has."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from attune_fit.data.reading.presets.fhir.fhir_elements import Element, find_text, list_elements
from attune_fit.data.reading.presets.fhir.resource_files import Resource


class VersionSign(NamedTuple):
    """One sign: a resource of ``kind`` that ``is_there`` is true of was written in ``version``."""

    kind: str
    version: str
    is_there: Callable[[Element], bool]


# http://hl7.org/fhir/R5/diff.html and http://hl7.org/fhir/R4/diff.html, by resource
SIGNS = (
    VersionSign("Encounter", "R5", lambda body: isinstance(body.get("class"), list) or "actualPeriod" in body),
    VersionSign("Encounter", "R5", lambda body: any("actor" in one for one in list_elements(body, "participant"))),
    VersionSign("Encounter", "DSTU2", lambda body: isinstance(body.get("class"), str)),
    VersionSign("Coverage", "R5", lambda body: "paymentBy" in body or "insurer" in body),
    VersionSign("Practitioner", "R5", lambda body: any("language" in x for x in list_elements(body, "communication"))),
    VersionSign("PractitionerRole", "R5", lambda body: "availability" in body),
    VersionSign("Practitioner", "DSTU2", lambda body: "practitionerRole" in body or isinstance(body.get("name"), dict)),
    VersionSign("Observation", "STU3", lambda body: "related" in body or isinstance(body.get("context"), dict)),
    VersionSign("QuestionnaireResponse", "STU3", lambda body: isinstance(body.get("questionnaire"), dict)),
    VersionSign("QuestionnaireResponse", "DSTU2", lambda body: "group" in body),
    VersionSign("CapabilityStatement", "another version", lambda body: find_text(body, "fhirVersion")[:1] != "4"),
)


def find_other_version(resources: Iterable[Resource]) -> tuple[Resource, str] | None:
    """Return the first resource that has a sign of another version, and that version; None where there is none."""
    for one in resources:
        for sign in SIGNS:
            if sign.kind == one.kind and sign.is_there(one.body):
                return one, sign.version
    return None
