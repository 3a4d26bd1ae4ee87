"""Words that look like a missing cell: programs and people write them where they have no answer."""

from __future__ import annotations

from attune_fit.data.cell_parsing import normalize_code

_OF_PROGRAMS = (
    *("na", "n/a", "n.a.", "n.a", "#n/a", "#na", "<na>", "null", "<null>", "nil", "nan", "nat"),
    *("#null!", "#value!", "#ref!", "#div/0!", "#name?", "#num!"),
)
_OF_PEOPLE = (
    *("unknown", "unk", "not known", "not stated", "not specified", "not recorded", "not answered", "no answer"),
    *("missing", "not available", "not applicable", "tbd", "tbc"),
)
_SIGNS = ("?", "??", "???", "-", "--", "---", "\u2013", "\u2014", ".", "..", "...", "/", "//")
_OF_OTHER_LANGUAGES = (
    *("k.a.", "k. a.", "k.a", "keine angabe", "keine angaben", "unbekannt", "nicht bekannt"),
    *("inconnu", "non renseign\u00e9", "desconocido", "sin datos"),
)
MISSING_WORDS = frozenset((*_OF_PROGRAMS, *_OF_PEOPLE, *_SIGNS, *_OF_OTHER_LANGUAGES))
MISSING_WORDS_OF_NUMBERS = MISSING_WORDS | {"none", "keine"}  # as a code, `none` is an answer, such as no religion


def is_missing_word(text: str, *, is_number: bool = False) -> bool:
    """Return whether a cell looks like a missing one; ``is_number`` in columns of numbers and dates.

    >>> is_missing_word(" N/A "), is_missing_word("None"), is_missing_word("None", is_number=True)
    (True, False, True)
    """
    words = MISSING_WORDS_OF_NUMBERS if is_number else MISSING_WORDS
    plain = text.strip().casefold()
    if plain.isascii() and plain.isprintable() and "  " not in plain:  # nearly every cell: nothing to normalize
        return plain in words
    return normalize_code(text) in words
