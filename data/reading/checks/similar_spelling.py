"""Similar spellings: two codes or headers that are probably one word, typed in two ways."""

from __future__ import annotations

import difflib
import math
import re
import unicodedata
from collections.abc import Iterable, Iterator

from attune_fit.data.reading.columns.limit_codes import parse_code_number

MIN_WORD_LENGTH = 4  # characters: one letter more or less in a shorter word is often another word, as in `am` and `pm`
MAX_COMPARED_LENGTH = 60  # characters: a longer code is compared as a whole
MIN_SIMILARITY = 0.8  # of difflib; `medicare` and `medicaid` have 0.75


def find_misspelling(code: str, known: Iterable[str]) -> str | None:
    """Return the known code that is probably meant by ``code``, the first one in the order given; None for none.

    Two codes are one word in two spellings if only accents, spaces and signs differ. They also are if one letter
    differs in one word of at least four letters: inserted, removed, changed, or swapped with the next. A word with a
    digit, the first letter and short words have to be equal, because `plan a` is not `plan b`. Two codes that are one
    number in two forms are the same word too.

    >>> find_misspelling("bcsb", ["aetna", "bcbs"]), find_misspelling("mon-am", ["mon-pm"])
    ('bcbs', None)
    >>> find_misspelling("1.0", ["2", "01"]), find_misspelling("1.5", ["15"])
    ('01', None)
    """
    return next((other for other in known if other != code and _is_same_word(code, other)), None)


def find_misspellings(codes: Iterable[str], known: Iterable[str]) -> dict[str, str]:
    """Return :func:`find_misspelling` of each code that has one. Fast for many codes: only similar ones are compared.

    >>> find_misspellings(["depresion", "grief"], ["anxiety", "depression"])
    {'depresion': 'depression'}
    """
    codes, known = sorted(set(codes)), sorted(set(known))
    is_swapped = len(codes) < len(known)  # only the keys of the shorter list are kept
    kept, other_side = (codes, known) if is_swapped else (known, codes)
    by_key: dict[str, list[str]] = {}
    for one in kept:
        for key in _list_keys(one):
            by_key.setdefault(key, []).append(one)
    candidates: dict[str, set[str]] = {code: set() for code in codes}
    for one in other_side:
        for other in {found for key in _list_keys(one) for found in by_key.get(key, ())}:
            candidates[other if is_swapped else one].add(one if is_swapped else other)
    found = ((code, find_misspelling(code, sorted(others))) for code, others in candidates.items())
    return {code: other for code, other in found if other is not None}


def suggest_code(code: str, known: Iterable[str]) -> str | None:
    """Return the known code most similar to ``code``, for a question to a person; None where none is similar.

    Looser than :func:`find_misspelling`: several letters can differ, and one code can have more words than the other.

    >>> suggest_code("aetna gold", ["aetna", "public"]), suggest_code("medicaid", ["medicare"])
    ('aetna', None)
    """
    others = sorted(known)
    if misspelt := find_misspelling(code, others):
        return misspelt
    words = set(_split_words(code))
    near = difflib.get_close_matches(code, others, n=3, cutoff=MIN_SIMILARITY)
    close = [other for other in near if _has_similar_words(_split_words(code), _split_words(other))]
    longer = [
        other
        for other in others
        if (words < (more := set(_split_words(other))) or more < words) and any(map(_is_long_word, words & more))
    ]
    return next(iter([*close, *longer]), None)


def format_questions(meant: dict[str, str]) -> str:
    """Return the question whether the known code is meant, for each code; empty without any.

    >>> format_questions({"bcsb": "bcbs"})
    'Did you mean `bcbs` for `bcsb`? '
    """
    pairs = [f"`{other}` for `{code}`" for code, other in meant.items()]
    return f"Did you mean {', '.join(pairs)}? " if pairs else ""


def _has_similar_words(words: list[str], others: list[str]) -> bool:
    """Return whether the words that differ are long and similar: `north east` is not `north west`."""
    own, theirs = [one for one in words if one not in others], [one for one in others if one not in words]
    similarity = difflib.SequenceMatcher(None, " ".join(own), " ".join(theirs)).ratio()
    return all(map(_is_long_word, own + theirs)) and similarity >= MIN_SIMILARITY


def _is_same_word(code: str, other: str) -> bool:
    if (number := parse_code_number(code)) == parse_code_number(other) and not math.isnan(number):
        return True
    if (squashed := _squash(code)) == _squash(other):
        return bool(squashed) and not squashed.isdigit()
    words, others = _split_words(code), _split_words(other)
    if len(words) != len(others):
        return False
    (word, one), *more = [(a, b) for a, b in zip(words, others, strict=True) if a != b] or [("", "")]
    shorter, longer = sorted((word, one), key=len)
    is_long = _is_long_word(longer) and len(shorter) >= MIN_WORD_LENGTH - longer.startswith(shorter)
    return (
        not more
        and is_long
        and len(longer) <= MAX_COMPARED_LENGTH
        and not _has_digit(word + one)
        and _has_one_typing_error(word, one)
    )


def _has_one_typing_error(word: str, other: str) -> bool:
    """Return whether one letter after the first is inserted, removed, changed or swapped with the next."""
    if word[0] != other[0]:
        return len(word) == len(other) and word[:2] == other[1::-1] and word[2:] == other[2:]
    start = next((n for n, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), min(len(word), len(other)))
    rest, more = word[start:], other[start:]
    is_swapped = len(rest) == len(more) and rest[:2] == more[1::-1] and rest[2:] == more[2:]
    return rest[1:] == more[1:] or rest == more[1:] or rest[1:] == more or is_swapped


def _list_keys(code: str) -> Iterator[str]:
    """Yield the squashed code, and without each one of its letters: similar codes have a key in common.

    Of a long code only the whole is compared: it is a text.
    """
    squashed = _squash(code)
    yield squashed
    if not math.isnan(number := parse_code_number(code)):
        yield f"{number:g}"
    if len(squashed) <= MAX_COMPARED_LENGTH:
        yield from (squashed[:n] + squashed[n + 1 :] for n in range(len(squashed)))


def _squash(code: str) -> str:
    """Return the letters and digits of a code, without case and accents."""
    decomposed = unicodedata.normalize("NFKD", code.casefold())
    return "".join(sign for sign in decomposed if sign.isalnum())


def _split_words(code: str) -> list[str]:
    return re.findall(r"[^\W_]+", code.casefold())


def _is_long_word(word: str) -> bool:
    return len(word) >= MIN_WORD_LENGTH and not _has_digit(word)


def _has_digit(word: str) -> bool:
    return any(sign.isdigit() for sign in word)
