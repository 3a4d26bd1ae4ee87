"""Codes of the tables as words: slots, formats, problems, styles and wishes. A code of no known form stays as it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from attune_fit.data.clinic.columns import YES_NO_CODES

DAYS = {"mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "fri": "Friday", "sat": "Saturday",
        "sun": "Sunday"}  # fmt: skip
TIMES = {"am": "morning", "pm": "afternoon", "eve": "evening"}
SLOT = re.compile(rf"\b({'|'.join(DAYS)})-({'|'.join(TIMES)})\b")
SLOTS = re.compile(rf"{SLOT.pattern}(?:(?:, | or | and ){SLOT.pattern})+")  # a list of them in a sentence
WEEK = [f"{day}-{time}" for day in DAYS for time in TIMES]
PLAIN_ATTRIBUTES = ("gender", "race_ethnicity", "orientations", "languages")  # a value is clear without its column
VAGUE_VALUES = ("none", "other", "mixed", *YES_NO_CODES)
ACRONYMS = {"lgbtq": "LGBTQ+", "cbt": "CBT", "act": "ACT", "emdr": "EMDR", "dbt": "DBT", "ptsd": "PTSD", "ocd": "OCD",
            "adhd": "ADHD", "phq9": "PHQ-9", "gad7": "GAD-7"}  # fmt: skip
STYLE_ENDS = {  # both ends of a style scale, as the C-NIP names them: a number above zero means the first
    "directiveness": ("therapist directiveness", "client directiveness"),
    "emotional_intensity": ("emotional intensity", "emotional reserve"),
    "past_focus": ("a focus on the past", "a focus on the present"),
    "warm_support": ("warm support", "focused challenge"),
}
COLUMN_WORDS = {
    "preferences": "wish",
    "orientations": "approach",
    "presenting_problems": "concerns",
    "specialties": "focus areas",
    "availability": "times",
    "formats": "session",
    "years_experience": "years in practice",
    "race_ethnicity": "background",
    "updated_on": "row checked on",
}


def format_code(code: str, *, whole: bool = False) -> str:
    """Return one code as words.

    Parameters
    ----------
    code : str
    whole : bool, default False
        Whether the day and the time of a slot are written out, for a client.

    Examples
    --------
    >>> format_code("wed-am"), format_code("wed-am", whole=True), format_code("cbt"), format_code("in person")
    ('Wed am', 'Wednesday morning', 'CBT', 'in person')
    """
    if slot := SLOT.fullmatch(code):
        day, time = slot.groups()
        return f"{DAYS[day]} {TIMES[time]}" if whole else f"{day.capitalize()} {time}"
    return " ".join(ACRONYMS.get(word, word) for word in code.replace("_", " ").split(" "))


def format_slots(text: str) -> str:
    """Return a sentence with its codes of weekly slots as words, each list of them in the order of the week.

    >>> format_slots("Ask t21 to work fri-am, mon-pm or mon-am")
    'Ask t21 to work Mon am, Mon pm or Fri am'
    """
    in_order = SLOTS.sub(_sort_slots_of, text)
    return SLOT.sub(lambda found: format_code(found[0]), in_order)


def _sort_slots_of(found: re.Match[str]) -> str:
    """Return a list of slots in a sentence in the order of the week; what separates them stays where it is."""
    codes = iter(sort_slots([one[0] for one in SLOT.finditer(found[0])]))
    return SLOT.sub(lambda _: next(codes), found[0])


def sort_slots(codes: Sequence[str]) -> list[str]:
    """Return weekly slots in the order of the week; codes that are not all slots stay as they are.

    >>> sort_slots(["fri-am", "mon-eve", "mon-am"]), sort_slots(["video", "mon-am"])
    (['mon-am', 'mon-eve', 'fri-am'], ['video', 'mon-am'])
    """
    return sorted(codes, key=WEEK.index) if all(code in WEEK for code in codes) else list(codes)


def list_codes(cell: object) -> list[str]:
    """Return the codes of a cell of a table: a set joined by ``|``, a sequence, one code, or nothing.

    >>> list_codes("video|in person"), list_codes(("a", "b")), list_codes(None), list_codes(float("nan"))
    (['video', 'in person'], ['a', 'b'], [], [])
    """
    if isinstance(cell, str):
        return [code for code in cell.split("|") if code]
    if isinstance(cell, Iterable):
        return [str(code) for code in cell]
    return [] if cell is None or cell != cell else [f"{cell:g}" if isinstance(cell, float) else str(cell)]


def format_codes(cell: object, *, most: int | None = None, last: str = ",", whole: bool = False) -> str:
    """Return the codes of a cell as a list in words, weekly slots in the order of the week; "not known" without any.

    Parameters
    ----------
    cell : object
        As :func:`list_codes` takes it.
    most : int, optional
        Only so many codes are named; the others are counted.
    last : str, default ","
        What is put before the last code, such as "or".
    whole : bool, default False
        As in :func:`format_code`.

    Examples
    --------
    >>> format_codes("video|in person", last="or"), format_codes("a|b|c", most=2), format_codes("")
    ('video or in person', 'a, b and 1 more', 'not known')
    """
    codes = [format_code(code, whole=whole) for code in sort_slots(list_codes(cell))]
    if most is not None and len(codes) > most:
        return f"{', '.join(codes[:most])} and {len(codes) - most} more"
    return join_words(codes, last) or "not known"


def join_words(words: Sequence[str], last: str = "and") -> str:
    """Join words with commas; before the last comes a word, or a comma too.

    >>> join_words(["a", "b", "c"]), join_words(["a", "b"], ",")
    ('a, b and c', 'a, b')
    """
    if last == "," or len(words) < 2:
        return ", ".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def format_signed(number: float) -> str:
    """Return a number with its sign and a true minus.

    >>> format_signed(7.0), format_signed(-4), format_signed(0)
    ('+7', '−4', '0')
    """
    return f"{number:+g}".replace("-", "−") if number else "0"


def format_wish(attribute: str, value: str, strength: str) -> str:
    """Return what a client wishes for, in a few words; the strength only where it forbids.

    >>> format_wish("gender", "woman", "must"), format_wish("orientations", "cbt", "avoid")
    ('woman', 'not CBT')

    >>> format_wish("years_experience", ">=10", "prefer"), format_wish("lgbtq_affirming", "yes", "prefer")
    ('10 or more years in practice', 'LGBTQ+ affirming')

    >>> format_wish("religion", "none", "prefer"), format_wish("age", "40-60", "prefer")
    ('religion: none', 'age 40 to 60')
    """
    name, word = COLUMN_WORDS.get(attribute) or format_code(attribute), format_code(value)
    if value == "yes":
        words = name
    elif bounds := format_range(value):
        words = f"{bounds} {name}" if name.startswith("years") else f"{name} {bounds}"
    elif attribute in PLAIN_ATTRIBUTES and value not in VAGUE_VALUES:
        words = word
    else:
        words = f"{name}: {word}"
    return f"not {words}" if strength in ("avoid", "never") else words


def format_long_wish(attribute: str, value: str, strength: str) -> str:
    """Return a wish with what it is about, for a reader who does not know the form.

    >>> format_long_wish("gender", "woman", "prefer"), format_long_wish("lgbtq_affirming", "yes", "must")
    ('gender: woman', 'LGBTQ+ affirming')
    """
    words, name = format_wish(attribute, value, strength), COLUMN_WORDS.get(attribute) or format_code(attribute)
    return words if name in words else f"{name}: {words}"


def format_range(value: str) -> str:
    """Return a range of numbers in words; empty where the value is no range.

    >>> format_range(">=10"), format_range("<=45"), format_range("40-60"), format_range("woman")
    ('10 or more', '45 or less', '40 to 60', '')
    """
    if found := re.fullmatch(r"(>=|<=)\s*([\d.]+)", value):
        return f"{found[2]} or {'more' if found[1] == '>=' else 'less'}"
    found = re.fullmatch(r"([\d.]+)-([\d.]+)", value)
    return f"{found[1]} to {found[2]}" if found else ""


def format_first_capital(text: str) -> str:
    """Return a text whose first letter is a capital; the other letters stay.

    >>> format_first_capital("rated higher by PhDs")
    'Rated higher by PhDs'
    """
    return text[:1].upper() + text[1:]
