"""PHQ-9 and GAD-7 of clients, as panels of Observation and as QuestionnaireResponse."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from attune_fit.data.cell_parsing import normalize_code
from attune_fit.data.clinic.item_scales import ITEM_SCALES
from attune_fit.data.reading.presets.fhir.fhir_elements import (
    LOINC,
    Element,
    find_date,
    find_element,
    find_number,
    find_text,
    list_codes,
    list_elements,
    list_extensions,
)
from attune_fit.data.reading.presets.fhir.resource_store import ResourceStore


class SymptomScale(NamedTuple):
    """A form of LOINC: its column, and the codes of its total and of its items in their order."""

    column: str
    total: str
    items: tuple[str, ...]
    panel: str


SCALES = (  # https://loinc.org/44249-1 and https://loinc.org/69737-5
    SymptomScale(
        "phq9",
        "44261-6",
        ("44250-9", "44255-8", "44259-0", "44254-1", "44251-7", "44258-2", "44252-5", "44253-3", "44260-8"),
        "44249-1",
    ),
    SymptomScale(
        "gad7",
        "70274-6",
        ("69725-0", "68509-9", "69733-4", "69734-2", "69735-9", "69689-8", "69736-7"),
        "69737-5",
    ),
)
ANSWERS = {  # LOINC answer list LL358-3, by code and by words
    "LA6568-5": 0.0,
    "LA6569-3": 1.0,
    "LA6570-1": 2.0,
    "LA6571-9": 3.0,
    "not at all": 0.0,
    "several days": 1.0,
    "more than half the days": 2.0,
    "nearly every day": 3.0,
}
FINAL = frozenset({"final", "amended", "corrected", "completed", ""})
_SCALE_OF = {code: scale for scale in SCALES for code in (scale.total, *scale.items)}
Ordinals = dict[tuple[str, str], float]


@dataclass
class SymptomForm:
    """One form that a client filled in.

    Attributes
    ----------
    scale : SymptomScale
    date : str
        ISO 8601; empty where it has none.
    answers : dict of str to float or None
        By LOINC code, the total among them; None for an answer that is there and cannot be read.
    """

    scale: SymptomScale
    date: str
    answers: dict[str, float | None] = field(default_factory=dict)


def list_symptom_forms(store: ResourceStore) -> dict[tuple[str, str], list[SymptomForm]]:
    """Return the forms of each client and column, by (id, column), the earliest first; undated ones last.

    Observations that are derived from a response are the same form as the response.
    """
    forms = defaultdict[tuple[str, str], dict[str, SymptomForm]](dict)
    ordinals = list_answer_ordinals(store)
    for one in (*_list_observed_answers(store), *_list_response_answers(store)):
        scale = _SCALE_OF[one.code]
        form = forms[one.client, scale.column].setdefault(one.form, SymptomForm(scale, one.date))
        form.answers[one.code] = read_answer(one.values, ordinals)
    return {who: sorted(found.values(), key=_get_order) for who, found in forms.items()}


def _get_order(form: SymptomForm) -> tuple[bool, str]:
    return not form.date, form.date[:19]


class _GivenAnswer(NamedTuple):
    """An answer: the client, the form that it belongs to, its date, the code of its item, and its values."""

    client: str
    form: str
    date: str
    code: str
    values: list[Element]


def _list_observed_answers(store: ResourceStore) -> Iterator[_GivenAnswer]:
    """Yield the answers in Observations that are final: of items, of totals, and of the components of panels."""
    observations, panels = store.list_kind("Observation"), dict[str, str]()
    void = set[str]()
    for one in observations:
        for member in list_elements(one.body, "hasMember"):
            name = store.find_id(member, "Observation")
            panels[name] = _find_response(one.body, store) or f"Observation/{one.id}"
            if find_text(one.body, "status") not in FINAL:
                void.add(name)
    for one in observations:
        if find_text(one.body, "status") not in FINAL or one.id in void:
            continue
        parts = [one.body, *list_elements(one.body, "component")]
        known = [(code, part) for part in parts if (code := _find_code(find_element(part, "code")))]
        if not known:
            continue
        client = store.find_id(find_element(one.body, "subject"), "Patient")
        date = find_date(one.body, "effectiveDateTime", "effectivePeriod", "effectiveInstant", "issued")
        form = _find_response(one.body, store) or panels.get(one.id)
        form = form or (f"Observation/{one.id}" if len(known) > 1 else f"on {date}")
        for code, part in known:
            if "dataAbsentReason" not in part:
                yield _GivenAnswer(client, form, date, code, [part])


def _find_response(body: Element, store: ResourceStore) -> str:
    """Return the response that an Observation is derived from; empty where it names none."""
    targets = map(store.find_target, list_elements(body, "derivedFrom"))
    return next((f"{kind}/{name}" for kind, name in targets if kind == "QuestionnaireResponse"), "")


def _find_code(concept: Element) -> str:
    return next((code for code in list_codes(concept, LOINC) if code in _SCALE_OF), "")


def _list_response_answers(store: ResourceStore) -> Iterator[_GivenAnswer]:
    """Yield the answers in completed responses; the code of an item is in its ``linkId`` or in its Questionnaire."""
    coded = _list_item_codes(store)
    for one in store.list_kind("QuestionnaireResponse"):
        if find_text(one.body, "status") not in FINAL:
            continue
        client = store.find_id(find_element(one.body, "subject"), "Patient")
        date, page = find_date(one.body, "authored"), find_text(one.body, "questionnaire").split("|")[0]
        for item in list_items(one.body):
            link = find_text(item, "linkId")
            code = coded.get((page, link)) or re.split(r"[/.#]", link)[-1]
            answers = list_elements(item, "answer")
            if code in _SCALE_OF and answers:
                yield _GivenAnswer(client, f"QuestionnaireResponse/{one.id}", date, code, answers)


def list_items(body: Element) -> Iterator[Element]:
    """Yield the items of a questionnaire or of a response, those within others after them."""
    waiting = list_elements(body, "item")
    while waiting:
        item = waiting.pop(0)
        yield item
        inner = [within for one in list_elements(item, "answer") for within in list_elements(one, "item")]
        waiting = [*list_elements(item, "item"), *inner, *waiting]


def _list_item_codes(store: ResourceStore) -> dict[tuple[str, str], str]:
    """Return the LOINC code of each item of the questionnaires, by (address, linkId)."""
    return {
        (find_text(one.body, "url"), find_text(item, "linkId")): code
        for one in store.list_kind("Questionnaire")
        for item in list_items(one.body)
        if (code := _find_code({"coding": list_elements(item, "code")}))
    }


def list_answer_ordinals(store: ResourceStore) -> Ordinals:
    """Return the number of each answer that the questionnaires offer, by (system, code).

    A code with two numbers has none: which one is meant is not known.
    """
    found = defaultdict[tuple[str, str], set[float]](set)
    for one in store.list_kind("Questionnaire"):
        for item in list_items(one.body):
            for option in list_elements(item, "answerOption"):
                coding = find_element(option, "valueCoding")
                number = _find_ordinal(coding)
                if number is not None:
                    found[find_text(coding, "system"), find_text(coding, "code")].add(number)
    return {key: next(iter(numbers)) for key, numbers in found.items() if len(numbers) == 1}


def _find_ordinal(coding: Element) -> float | None:
    """Return the number that the extension of an answer gives it; None without one."""
    for end in ("/ordinalValue", "/itemWeight"):  # of R4, and of R4B and later
        for one in list_extensions(coding, end):
            return find_number(one, "valueDecimal")
    return None


def read_answer(values: list[Element], ordinals: Ordinals) -> float | None:
    """Return the number of an answer; None where it cannot be read, or where there are two.

    Parameters
    ----------
    values : list of dict
        Answers of a response, or one Observation: elements with a ``value[x]``.
    ordinals : dict
        From :func:`list_answer_ordinals`.
    """
    return _read_value(values[0], ordinals) if len(values) == 1 else None


def _read_value(value: Element, ordinals: Ordinals) -> float | None:
    for key in ("valueInteger", "valueDecimal"):
        if (number := find_number(value, key)) is not None:
            return number
    if (number := find_number(find_element(value, "valueQuantity"), "value")) is not None:
        return number
    concept = find_element(value, "valueCodeableConcept")
    codings = [find_element(value, "valueCoding"), *list_elements(concept, "coding")]
    words = [find_text(concept, "text"), find_text(value, "valueString")]
    found = [_find_ordinal(coding) for coding in codings]
    found += [ordinals.get((find_text(one, "system"), find_text(one, "code"))) for one in codings]
    found += [ANSWERS.get(find_text(one, "code")) for one in codings if find_text(one, "system") in (LOINC, "")]
    texts = [*(find_text(one, "display") for one in codings), *words]
    found += [ANSWERS.get(normalize_code(text)) for text in texts]
    return next((number for number in found if number is not None), None)


class FormScore(NamedTuple):
    """The score of a form: None where it has too few answers or cannot be read.

    ``contradicts`` is true where the total is not the sum of its items; ``unread`` counts answers that cannot be read.
    """

    total: float | None
    contradicts: bool = False
    unread: int = 0


def score_symptom_form(form: SymptomForm) -> FormScore:
    """Return the score of a form: its own total, else the sum of its items by the rule of ITEM_SCALES.

    An answer out of the range of an item cannot be read.
    """
    rule, total = ITEM_SCALES[form.scale.column], form.answers.get(form.scale.total)
    given = [form.answers[code] for code in form.scale.items if code in form.answers]
    known = [one for one in given if one is not None and rule.low <= one <= rule.high]
    n_items = len(form.scale.items)
    unread = len(given) - len(known) + (form.scale.total in form.answers and total is None)
    if total is not None:
        is_wrong = len(known) == n_items and total != sum(known)
        return FormScore(None if is_wrong else total, is_wrong, unread)
    is_enough = len(known) >= rule.build_instrument().count_required_answers(n_items)
    return FormScore(sum(known) / len(known) * n_items if is_enough else None, unread=unread)
