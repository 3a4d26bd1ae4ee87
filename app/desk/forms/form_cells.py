"""Cells of a row as inputs of a form: which control each column gets, and what the posted form holds for it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from starlette.datastructures import FormData

from attune_fit.app.desk.forms.posted_form import list_texts, read_field
from attune_fit.app.desk.wording.code_words import DAYS, TIMES, format_code

if TYPE_CHECKING:
    from attune_fit.form_fields import FormField

Control = Literal["number", "date", "text", "select", "choices", "slots"]
SEPARATOR = "|"  # of the codes of a set, in a cell and in a form
SLOT = re.compile(rf"({'|'.join(DAYS)})-({'|'.join(TIMES)})")
ORDERED = "presenting_problems"  # of this set the first code is the main one
FIRST = ":first"  # end of the name of the input that holds the first code
OTHER_COLUMN, OTHER_CODE = "other_column", "other_code"  # inputs for a code that is on no list
MOST_CHOICES = 60
NEEDED_HINT = "Needed: without it, therapists are ruled out."
UNREADABLE_HINT = "The cell of the export cannot be read. Enter it here."
LABELS = {  # of columns whose name in words is no good label
    "race_ethnicity": "Race and ethnicity", "availability": "Weekly times", "directiveness_preference": "Directiveness",
    "emotional_intensity_preference": "Emotional intensity", "past_focus_preference": "Past focus",
    "warm_support_preference": "Warm support", "outcome_expectancy": "Expects therapy to help",
    "therapist_id": "Therapist", "open_slots": "Openings",
}  # fmt: skip


@dataclass(frozen=True)
class CellInput:
    """One cell as an input.

    Attributes
    ----------
    field : FormField
    value : str
        As the form sends it; codes of a set joined by ``|``; empty for unknown.
    label : str
    hint : str
    error : str
        What is wrong with it and what to do; empty for nothing.
    """

    field: FormField
    value: str = ""
    label: str = ""
    hint: str = ""
    error: str = ""

    @property
    def name(self) -> str:
        """Name of the input: the column."""
        return self.field.name

    @property
    def id(self) -> str:
        """Id of the input in the page."""
        return f"f-{self.field.name}"

    @property
    def members(self) -> list[str]:
        """The codes of a set."""
        return split_codes(self.value)

    @property
    def first(self) -> str:
        """The main code of a set in which the first one is it; empty for none."""
        return self.members[0] if self.has_first and self.members else ""

    @property
    def has_first(self) -> bool:
        """Whether the first code of the set is the main one."""
        return self.name == ORDERED

    @property
    def codes(self) -> list[str]:
        """The codes to choose from, with those of the cell that no one else has."""
        return list(dict.fromkeys([*self.field.suggestions, *(self.members if self.field.kind == "set" else [])]))

    @property
    def control(self) -> Control:
        """The kind of input."""
        kind, n_codes = self.field.kind, len(self.codes)
        if kind == "number" or kind == "date":
            return kind
        if kind == "set" and n_codes and not self.field.has_ranges and n_codes <= MOST_CHOICES:
            return "slots" if all(SLOT.fullmatch(code) for code in self.codes) else "choices"
        return "select" if kind == "code" and n_codes and n_codes < MOST_CHOICES else "text"

    @property
    def options(self) -> list[tuple[str, str]]:
        """Code and words of each entry of a list; a code of the cell that is on no list comes last."""
        known = [*self.codes, *([self.value] if self.value and self.value not in self.codes else [])]
        return [(code, format_choice(code)) for code in known]

    @property
    def choices(self) -> list[tuple[str, str, bool]]:
        """Code, words and whether it is ticked, of each box."""
        return [(code, format_choice(code), code in self.members) for code in self.codes]

    @property
    def slot_days(self) -> list[tuple[str, str]]:
        """Code and short name of the days of the week that the slots name."""
        named = {code.split("-")[0] for code in self.codes}
        return [(code, name[:3]) for code, name in DAYS.items() if code in named or list(DAYS).index(code) < 5]

    @property
    def slot_times(self) -> list[tuple[str, str]]:
        """Code and name of the times of day that the slots name."""
        named = {code.split("-")[1] for code in self.codes}
        return [(code, name) for code, name in TIMES.items() if code in named]


def build_inputs(
    fields: Sequence[FormField],
    values: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
    unreadable: Collection[str] = (),
) -> list[CellInput]:
    """Return the inputs of a form, with values and errors by column; ``unreadable`` are columns with such a cell."""
    return [
        CellInput(field, values.get(field.name, ""), format_label(field.name),
                  describe_input(field, values.get(field.name, ""), field.name in unreadable),
                  (errors or {}).get(field.name, ""))
        for field in fields
    ]  # fmt: skip


def format_label(name: str) -> str:
    """Return the name of a column as the label of an input.

    >>> format_label("presenting_problems"), format_label("phq9"), format_label("lgbtq"), format_label("region")
    ('Presenting problems', 'PHQ-9', 'LGBTQ+', 'Region')
    """
    words = LABELS.get(name) or format_code(name)
    return f"{words[:1].upper()}{words[1:]}"


def format_choice(code: str) -> str:
    """Return a code as the words of a box or of a list; a code that is a name keeps its form."""
    words = format_code(code, whole=True)
    return f"{words[:1].upper()}{words[1:]}"


def describe_input(field: FormField, value: str, is_unreadable: bool) -> str:
    """Return the hint below an input: what an empty or unreadable cell means, or the range of a number."""
    if is_unreadable:
        return UNREADABLE_HINT
    return NEEDED_HINT if field.excludes_unknown and not value else describe_range(field)


def describe_range(field: FormField) -> str:
    """Return the range of a number, or the form of a set that is typed; empty for other fields.

    >>> from attune_fit.form_fields import FormField
    >>> describe_range(FormField("phq9", "number", "PHQ-9 depression total.", 0, 27))
    '0 to 27'
    >>> describe_range(FormField("past_focus_preference", "number", "C-NIP: past (+) or present (-).", -9, 9))
    '−9 to 9. Past (+) or present (−).'
    """
    if field.kind == "number" and field.low is not None and field.high is not None:
        limits = f"{field.low:g} to {field.high:g}".replace("-", "−")
        _, is_scale, ends = field.description.partition("C-NIP: ")
        return f"{limits}. {ends[:1].upper()}{ends[1:].replace('(-)', '(−)')}" if is_scale else limits
    if field.kind == "set" and field.has_ranges:
        return "Such as 18-64|65-"
    return ""


def split_codes(text: str) -> list[str]:
    """Return the codes of a set, without outer spaces and repeats."""
    return list(dict.fromkeys(code.strip() for code in text.split(SEPARATOR) if code.strip()))


def format_cell(cell: Any) -> str:
    """Return a cell as a form sends it: numbers without needless zeros, days in ISO, sets joined by ``|``.

    >>> format_cell(31.0), format_cell(2.42), format_cell(None), format_cell(float("nan")), format_cell(("a", "b"))
    ('31', '2.42', '', '', 'a|b')
    """
    if cell is None or cell != cell:
        return ""
    if isinstance(cell, float):
        return f"{cell:.10g}"
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat()
    if isinstance(cell, tuple | list | set | frozenset):
        return SEPARATOR.join(str(one) for one in cell)
    return str(cell)


def read_cells(form: FormData, fields: Sequence[FormField], opened: Mapping[str, str]) -> dict[str, str]:
    """Return what a posted form holds for each field, as the form would send it again.

    A set with the codes that it had when the form was opened keeps their order, so that it is no change.
    """
    values = {field.name: _read_cell(form, field, opened.get(field.name, "")) for field in fields}
    column, code = read_field(form, OTHER_COLUMN), read_field(form, OTHER_CODE)
    kinds = {field.name: field.kind for field in fields}
    if code and column in kinds:
        values[column] = SEPARATOR.join([*split_codes(values[column]), code]) if kinds[column] == "set" else code
    return values


def _read_cell(form: FormData, field: FormField, opened: str) -> str:
    """Return one cell; what a form does not have is no change, but for the boxes of a form that was opened whole."""
    if field.name not in form and (field.kind != "set" or "opened" not in form):
        return opened
    if field.kind != "set":
        return read_field(form, field.name)
    codes = [code for text in list_texts(form, field.name) for code in split_codes(text)]
    first = read_field(form, field.name + FIRST)
    codes = list(dict.fromkeys([first, *codes] if first else codes))
    before = split_codes(opened)
    has_same_first = field.name != ORDERED or not first or codes[:1] == before[:1]
    return opened if set(codes) == set(before) and has_same_first else SEPARATOR.join(codes)
