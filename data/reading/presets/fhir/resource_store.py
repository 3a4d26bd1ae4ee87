"""Resources by kind and id, each once, and what their references mean."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from attune_fit.data.reading.presets.fhir.fhir_elements import (
    Element,
    find_element,
    find_text,
    list_elements,
    parse_instant,
)
from attune_fit.data.reading.presets.fhir.resource_files import Resource

_KIND_AND_ID = re.compile(r"(?:^|/)([A-Z][A-Za-z]+)/([^/?#|]+)(?:/_history/[^/]+)?/?$")
_SEARCH = re.compile(r"([A-Z][A-Za-z]+)\?identifier=([^&]*)$")
_UUID = re.compile(r"urn:(?:uuid|oid):(.+)$")


@dataclass(frozen=True)
class ResourceStore:
    """The resources of a clinic.

    Attributes
    ----------
    resources : tuple of Resource
        In the order of the files, each once: see :func:`drop_older_versions`.
    day : date
        The day of the clinic's tables: a period that ended before it is over.
    """

    resources: tuple[Resource, ...]
    day: dt.date
    _by_kind: dict[str, list[Resource]] = field(default_factory=dict, repr=False, compare=False)

    def list_kind(self, kind: str) -> list[Resource]:
        """Return the resources of a kind, in the order of the files."""
        if not self._by_kind:
            by_kind = defaultdict(list)
            for one in self.resources:
                by_kind[one.kind].append(one)
            self._by_kind.update(by_kind)
        return self._by_kind.get(kind, [])

    @cached_property
    def _by_url(self) -> dict[str, Resource]:
        return {one.url: one for one in self.resources if one.url}

    @cached_property
    def _by_key(self) -> dict[tuple[str, str], Resource]:
        return {(one.kind, one.id): one for one in self.resources if one.id}

    @cached_property
    def _by_identifier(self) -> dict[tuple[str, str, str], set[str]]:
        """The ids that have each identifier: kind, system and value."""
        found = defaultdict(set)
        for one in self.resources:
            for identifier in list_elements(one.body, "identifier"):
                if value := find_text(identifier, "value"):
                    found[one.kind, find_text(identifier, "system"), value].add(one.id)
        return found

    def find_target(self, reference: Element) -> tuple[str, str]:
        """Return the kind and the id of the resource that a reference names; two empty texts where it names none.

        The resource need not be in the files. ``Patient/x``, ``Patient/x/_history/2``, a whole address, ``urn:uuid:x``
        and ``Patient?identifier=system|value`` name the same resource; an identifier that two have names none.
        """
        text = find_text(reference, "reference")
        if found := self._by_url.get(text):
            return found.kind, found.id
        if match := _SEARCH.match(text):
            system, _, value = match[2].rpartition("|")
            return self._find_by_identifier(match[1], system, value)
        if match := _KIND_AND_ID.search(text):
            return match[1], match[2]
        if match := _UUID.match(text):
            return find_text(reference, "type"), match[1]
        identifier = find_element(reference, "identifier")
        return self._find_by_identifier(
            find_text(reference, "type"), find_text(identifier, "system"), find_text(identifier, "value")
        )

    def _find_by_identifier(self, kind: str, system: str, value: str) -> tuple[str, str]:
        ids = self._by_identifier.get((kind, system, value), set())
        return (kind, next(iter(ids))) if len(ids) == 1 else ("", "")

    def find_id(self, reference: Element, kind: str) -> str:
        """Return the id of the resource of one kind that a reference names; empty where it names none of this kind."""
        found, name = self.find_target(reference)
        return name if found in (kind, "") else ""

    def find_resource(self, reference: Element) -> Resource | None:
        """Return the resource that a reference names; None where the files do not have it."""
        return self._by_key.get(self.find_target(reference))

    def list_practitioner_ids(self, references: Iterable[Element]) -> list[str]:
        """Return the ids of the practitioners that references name, each once; a role names its practitioner."""
        return list(dict.fromkeys(filter(None, self._find_practitioners(references))))

    def _find_practitioners(self, references: Iterable[Element]) -> Iterator[str]:
        for reference in references:
            kind, name = self.find_target(reference)
            role = self._by_key.get((kind, name)) if kind == "PractitionerRole" else None
            if role is not None:
                yield self.find_id(find_element(role.body, "practitioner"), "Practitioner")
            elif kind in ("Practitioner", ""):
                yield name


def drop_older_versions(resources: Iterable[Resource]) -> tuple[Resource, ...]:
    """Return resources without copies, and without older versions of one id, by ``meta.lastUpdated``.

    Versions that differ and do not state when they were updated all stay: none is known to be the older one.
    """
    versions = defaultdict[tuple[str, str], list[Resource]](list)
    for number, one in enumerate(resources):
        known = versions[one.kind, one.id or f"({number})"]
        if not any(one.body == other.body for other in known):
            known.append(one)
    return tuple(one for known in versions.values() for one in _keep_newest(known))


def _keep_newest(versions: list[Resource]) -> list[Resource]:
    updated = [parse_instant(find_text(find_element(one.body, "meta"), "lastUpdated")) for one in versions]
    known = [when for when in updated if when is not None]
    if len(known) < len(versions):
        return versions
    return [one for one, when in zip(versions, updated, strict=True) if when == max(known)]
