"""The data dictionary of a REDCap project: its fields, their forms, choices and validation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from attune_fit.data.cell_parsing import normalize_code
from attune_fit.data.reading.presets.identifying_names import is_identifying_name
from attune_fit.data.reading.presets.redcap.redcap_choices import (
    TRUE_FALSE_CHOICES,
    YES_NO_CHOICES,
    normalize_label,
    parse_choices,
)

CHECKBOX = "checkbox"
CHOICE_TYPES = frozenset({"radio", "dropdown", "select", CHECKBOX})
NUMBER_TYPES = frozenset({"calc", "slider"})
DOCUMENT_TYPES = frozenset({"file", "signature"})
_HEADERS = {  # part of a field: its header in a download, and in the API
    "name": ("variable / field name", "field_name"),
    "form": ("form name", "form_name"),
    "type": ("field type", "field_type"),
    "label": ("field label", "field_label"),
    "choices": ("choices, calculations, or slider labels", "choices or calculations", "select_choices_or_calculations"),
    "validation": (
        "text validation type or show slider number",
        "text_validation_type_or_show_slider_number",
    ),
    "identifier": ("identifier?", "identifier"),
}
_IDENTIFYING_VALIDATION = re.compile(r"email|phone|ssn|v?mrn|zipcode|postalcode")
_NUMBER_VALIDATION = re.compile(r"number|integer")


@dataclass(frozen=True)
class RedcapField:
    """One field of a project.

    Attributes
    ----------
    name : str
        The variable name, which heads its column in raw exports.
    form : str
        The form (instrument) that it is on, by its unique name.
    type : str
        Such as ``text``, ``radio``, ``checkbox``, ``calc``.
    label : str
        What people read, which heads its column in exports of labels.
    choices : dict of str to str
        Labels by code; empty where the field has none.
    validation : str
        Such as ``date_mdy`` or ``number_comma_decimal``; empty without one.
    is_tagged : bool
        Whether the project marks it as an identifier.
    """

    name: str
    form: str
    type: str
    label: str
    choices: dict[str, str]
    validation: str
    is_tagged: bool

    @property
    def is_identifying(self) -> bool:
        """Whether its cells identify a person, by its mark, its validation or its name; so do uploaded files."""
        is_validated = _IDENTIFYING_VALIDATION.match(self.validation) is not None
        return self.is_tagged or is_validated or self.type in DOCUMENT_TYPES or is_identifying_name(self.name)

    @property
    def is_number(self) -> bool:
        """Whether its cells are numbers."""
        return self.type in NUMBER_TYPES or _NUMBER_VALIDATION.match(self.validation) is not None

    @property
    def has_decimal_comma(self) -> bool:
        """Whether its numbers are written with a decimal comma."""
        return "comma_decimal" in self.validation


@dataclass(frozen=True)
class RedcapDictionary:
    """The fields of a project in their order; none where there is no data dictionary."""

    fields: tuple[RedcapField, ...] = ()

    @property
    def by_name(self) -> dict[str, RedcapField]:
        """The fields by variable name."""
        return {field.name: field for field in self.fields}

    @property
    def forms(self) -> list[str]:
        """The unique names of the forms, in their order."""
        return list(dict.fromkeys(field.form for field in self.fields))


def build_dictionary(headers: Iterable[str], rows: Iterable[Iterable[str]]) -> RedcapDictionary | None:
    """Return the data dictionary in a table of text; None where its headers are not those of one.

    Parameters
    ----------
    headers : iterable of str
        The headers, of a download or of the API.
    rows : iterable of iterables of str
        One field each.
    """
    places = {normalize_code(header): place for place, header in reversed(list(enumerate(headers)))}
    parts = {part: next((places[one] for one in names if one in places), None) for part, names in _HEADERS.items()}
    if parts["name"] is None or parts["form"] is None or parts["type"] is None:
        return None
    fields = []
    for row in rows:
        cells = list(row)
        field = _build_field({part: "" if place is None else cells[place] for part, place in parts.items()})
        if field.name and field.type != "descriptive":
            fields.append(field)
    return RedcapDictionary(tuple(fields))


def _build_field(row: Mapping[str, str]) -> RedcapField:
    kind = normalize_code(row["type"])
    choices = {"yesno": YES_NO_CHOICES, "truefalse": TRUE_FALSE_CHOICES}.get(kind)
    if choices is None:
        choices = parse_choices(row["choices"]) if kind in CHOICE_TYPES else {}
    return RedcapField(
        name=normalize_code(row["name"]),
        form=normalize_code(row["form"]),
        type=kind,
        label=normalize_label(row["label"]),
        choices=choices,
        validation=normalize_code(row["validation"]),
        is_tagged=normalize_code(row["identifier"]) in ("y", "yes", "1", "true"),
    )
