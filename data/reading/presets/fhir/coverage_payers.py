"""Payers of clients from Coverage."""

from __future__ import annotations

from collections import defaultdict

from attune_fit.data.cell_parsing import SET_SEPARATOR, normalize_code
from attune_fit.data.reading.presets.fhir.fhir_elements import (
    Element,
    find_element,
    find_number,
    find_text,
    is_begun,
    is_over,
    list_codes,
    list_elements,
)
from attune_fit.data.reading.presets.fhir.resource_store import ResourceStore

PAYER = "Coverage.payor"
SELF_PAY = "self pay"
SELF_PAY_CODE = "pay"  # http://terminology.hl7.org/CodeSystem/coverage-selfpay
PEOPLE = ("Patient", "RelatedPerson")  # as a payor: the client pays


def list_payers(store: ResourceStore) -> dict[str, list[str]]:
    """Return the distinct payers of each client, by id; an empty text for a coverage that names none.

    Only coverages that are active and not over count. Where they have an order, only the first counts.
    """
    coverages = defaultdict[str, list[Element]](list)
    for one in store.list_kind("Coverage"):
        period = find_element(one.body, "period")
        if (
            find_text(one.body, "status") in ("active", "")
            and is_begun(period, store.day)
            and not is_over(period, store.day)
        ):
            coverages[store.find_id(find_element(one.body, "beneficiary"), "Patient")].append(one.body)
    return {client: _list_first_payers(found, store) for client, found in coverages.items()}


def _list_first_payers(coverages: list[Element], store: ResourceStore) -> list[str]:
    orders = [find_number(one, "order") for one in coverages]
    known = [one for one in orders if one is not None]
    if len(known) == len(coverages):
        coverages = [one for one, order in zip(coverages, orders, strict=True) if order == min(known)]
    payers = [payer for one in coverages for payer in _name_payers(one, store)]
    return list(dict.fromkeys(payers))


def _name_payers(coverage: Element, store: ResourceStore) -> list[str]:
    if SELF_PAY_CODE in list_codes(find_element(coverage, "type")):
        return [SELF_PAY]
    payors = list_elements(coverage, "payor")
    return [_name_payer(one, coverage, store).replace(SET_SEPARATOR, "/") for one in payors] or [""]


def _name_payer(payor: Element, coverage: Element, store: ResourceStore) -> str:
    """Return the name of the organization that pays; of one in no file, its name in the reference, else its id."""
    text = find_text(payor, "reference")
    contained = [one for one in list_elements(coverage, "contained") if text == f"#{find_text(one, 'id')}"]
    if contained:
        return SELF_PAY if find_text(contained[0], "resourceType") in PEOPLE else find_text(contained[0], "name")
    kind, name = store.find_target(payor)
    if kind in PEOPLE or (not text and _is_client(find_text(payor, "display"), coverage, store)):
        return SELF_PAY
    found = store.find_resource(payor)
    return (find_text(found.body, "name") if found else "") or find_text(payor, "display") or name


def _is_client(display: str, coverage: Element, store: ResourceStore) -> bool:
    """Return whether a payor without a reference has the name of the client: a name of a person is no code."""
    client = store.find_resource(find_element(coverage, "beneficiary"))
    words = set(normalize_code(display).replace(",", " ").split())
    for name in list_elements(client.body, "name") if client else ():
        given = name.get("given")
        first = [one for one in given if isinstance(one, str)] if isinstance(given, list) else []
        if normalize_code(find_text(name, "family")) in words and words.intersection(map(normalize_code, first)):
            return True
    return False
