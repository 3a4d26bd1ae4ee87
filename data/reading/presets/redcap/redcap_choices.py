"""Choices of a REDCap field: codes and labels, and which of the two a file holds."""

from __future__ import annotations

import html
import re

from attune_fit.data.cell_parsing import normalize_code, normalize_text

YES_NO_CHOICES = {"1": "Yes", "0": "No"}
TRUE_FALSE_CHOICES = {"1": "True", "0": "False"}
LOGICAL_CODES = {"true": "1", "false": "0"}  # what a program makes of a column with 1 and 0 alone
MISSING_CODES = frozenset(  # that REDCap suggests for a project; see "Missing Data Codes" in its project setup
    (
        *("ni", "inv", "unk", "nask", "asku", "nav", "msk", "na", "navu", "np", "qs", "qi", "ti", "unav", "oth"),
        *("pinf", "ninf", "nint", "der", "nai"),
    )
)
_TAG = re.compile(r"<[/a-zA-Z][^<>]*>")
_NO_SUFFIX = re.compile(r"[^a-z0-9_]")


def parse_choices(text: str) -> dict[str, str]:
    """Return the choices of a field by code, from the text of a data dictionary.

    A comma ends the code, so that labels can hold commas; an equals sign does where there is no comma.

    >>> parse_choices("1, one, with comma | 2, two")
    {'1': 'one, with comma', '2': 'two'}
    >>> parse_choices("a=<b>Often</b>|b=Never")
    {'a': 'Often', 'b': 'Never'}
    """
    choices = {}
    for piece in text.split("|"):
        mark = "," if "," in piece else "="
        code, found, label = piece.partition(mark)
        if piece.strip():
            choices[code.strip()] = normalize_label(label if found else piece) or code.strip()
    return choices


def normalize_label(text: str) -> str:
    """Return a label without tags of HTML, as an export of labels has it.

    >>> normalize_label("<p>Low mood &amp; grief</p>")
    'Low mood & grief'
    """
    return normalize_text(html.unescape(_TAG.sub(" ", text)))


def build_suffix(code: str) -> str:
    """Return how the header of a checkbox ends, after three underscores: a minus or another sign is an underscore.

    >>> build_suffix("1"), build_suffix("-1"), build_suffix("Mon-AM")
    ('1', '_1', 'mon_am')
    """
    return _NO_SUFFIX.sub("_", code.lower())


def find_code_of_suffix(suffix: str, choices: dict[str, str]) -> str | None:
    """Return the code of a checkbox by the end of its header; None where the dictionary has no such choice.

    Old versions of REDCap leave out signs, so these are ignored where no code fits with them.
    """
    exact = next((code for code in choices if build_suffix(code) == suffix), None)
    if exact is not None:
        return exact
    return next((code for code in choices if build_suffix(code).replace("_", "") == suffix.replace("_", "")), None)


class ChoiceReader:
    """Reads cells of a field with choices, from an export of codes or of labels.

    Parameters
    ----------
    choices : dict of str to str
        Labels by code.
    is_label_export : bool
        What a text means that is both a code and a label.
    """

    def __init__(self, choices: dict[str, str], *, is_label_export: bool) -> None:
        by_code = {normalize_code(code): code for code in choices}
        by_label = {normalize_code(normalize_label(label)): code for code, label in reversed(choices.items())}
        self.choices = choices
        self.codes = by_code | by_label if is_label_export else by_label | by_code
        if set(by_code) == {"0", "1"}:
            self.codes = LOGICAL_CODES | self.codes

    def find_code(self, text: str) -> str | None:
        """Return the code of a cell; None where it is none of the choices."""
        plain = normalize_code(text)
        found = self.codes.get(plain)
        if found is None and plain.endswith(".0"):  # a program made decimals of whole numbers
            found = self.codes.get(plain.removesuffix(".0"))
        return self.codes.get(normalize_code(normalize_label(text))) if found is None else found


def count_codes_and_labels(texts: list[str], choices: dict[str, str]) -> tuple[int, int]:
    """Return how many texts can only be codes, and how many can only be labels.

    >>> count_codes_and_labels(["1", "Often", "2"], {"1": "Often", "2": "1"})
    (1, 1)
    """
    codes, labels = set(map(normalize_code, choices)), set(map(normalize_code, choices.values()))
    cells = [normalize_code(normalize_label(text)) for text in texts]
    only_codes = sum(cell in codes and cell not in labels for cell in cells)
    return only_codes, sum(cell in labels and cell not in codes for cell in cells)
