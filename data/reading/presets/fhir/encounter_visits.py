"""Visits from Encounter: the client, the practitioners, the day, and the number of the session of each pair."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from attune_fit.data.reading.presets.fhir.fhir_elements import (
    describe_concept,
    find_date,
    find_element,
    find_text,
    list_codes,
    list_elements,
    parse_instant,
)
from attune_fit.data.reading.presets.fhir.resource_files import Resource
from attune_fit.data.reading.presets.fhir.resource_store import ResourceStore

FINISHED = "finished"
# http://terminology.hl7.org/CodeSystem/v3-ParticipationType: who treats, where several take part
TREATING_TYPES = frozenset({"PPRF", "ATND"})


@dataclass(frozen=True)
class ClientVisit:
    """One finished encounter of a client.

    Attributes
    ----------
    key : str
        Id of the encounter; of one without an id, a name that no other one has.
    resource : Resource
    client : str
        Id of the client; empty where it names none.
    therapists : tuple of str
        Ids of the practitioners who treated; where none is marked so, of all who took part.
    start : str
        ISO 8601; empty where not known.
    """

    key: str
    resource: Resource
    client: str
    therapists: tuple[str, ...]
    start: str

    @property
    def kind(self) -> str | None:
        """What the types of the encounter show, the first of them."""
        types = map(describe_concept, list_elements(self.resource.body, "type"))
        return next(filter(None, types), None)

    @property
    def setting(self) -> str | None:
        """The code of the class, such as ``AMB`` or ``VR``."""
        return find_text(find_element(self.resource.body, "class"), "code") or None


def list_visits(store: ResourceStore) -> list[ClientVisit]:
    """Return the finished encounters, in the order of the files."""
    finished = [one for one in store.list_kind("Encounter") if find_text(one.body, "status") == FINISHED]
    return [_read_visit(one.id or f"({number})", one, store) for number, one in enumerate(finished)]


def _read_visit(key: str, one: Resource, store: ResourceStore) -> ClientVisit:
    taking_part = list_elements(one.body, "participant")
    treating = [
        part for part in taking_part
        if any(not TREATING_TYPES.isdisjoint(list_codes(kind)) for kind in list_elements(part, "type"))
    ]  # fmt: skip
    ids = store.list_practitioner_ids(find_element(part, "individual") for part in treating)
    ids = ids or store.list_practitioner_ids(find_element(part, "individual") for part in taking_part)
    client = store.find_id(find_element(one.body, "subject"), "Patient")
    return ClientVisit(key, one, client, tuple(ids), find_date(one.body, "period"))


def count_sessions(visits: Iterable[ClientVisit]) -> dict[tuple[str, str], int]:
    """Return the number of the session of each visit and therapist, by (key of the visit, therapist), from 1.

    Sessions are counted within a pair, by their start. A visit without a client or a start has no number.
    """
    pairs = defaultdict[tuple[str, str], list[ClientVisit]](list)
    for visit in visits:
        for therapist in visit.therapists:
            if visit.client and visit.start:
                pairs[visit.client, therapist].append(visit)
    return {
        (visit.key, therapist): number
        for (_, therapist), found in pairs.items()
        for number, visit in enumerate(_sort_visits(found), 1)
    }


def _sort_visits(visits: list[ClientVisit]) -> list[ClientVisit]:
    """Return visits by their start, whatever its offset from UTC; by its text where any has none."""
    times = [(parse_instant(one.start), one) for one in visits]
    known = [(when, one) for when, one in times if when is not None]
    if len(known) < len(visits):
        return sorted(visits, key=lambda one: one.start)
    return [one for _, one in sorted(known, key=lambda pair: pair[0])]
