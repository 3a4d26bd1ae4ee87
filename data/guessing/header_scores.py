"""Scores of headers: how much a header looks like one of the words of a clue."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from difflib import SequenceMatcher
from functools import lru_cache

from attune_fit.data.cell_parsing import normalize_text
from attune_fit.data.guessing.words.header_languages import FOREIGN_FILLERS

SAME_WITHOUT_FILLERS = 0.95
PART_LOW, PART_RANGE = 0.5, 0.4  # of a header that holds a word of a clue among others: the more of it, the higher
PHRASE = 0.75  # of a question that holds the words of a clue, at least two, one after the other
MIN_QUESTION = 6  # words
MIN_SIMILARITY, SIMILAR = 0.88, 0.75  # of a spelling, as in difflib, and its score
MIN_LETTERS_OF_PART = 2  # a single letter inside a header means nothing
MAX_MORE_LETTERS, MAX_OTHER_LETTERS = 3, 4  # of a similar spelling
_FILLERS = (
    *("the", "a", "an", "of", "in", "to", "your", "you", "our", "my", "i", "me", "please", "is", "are", "be"),
    *("for", "and", "or", "what", "which", "how", "when", "as", "at", "on", "with", "would", "like", "code"),
    *("value", "field", "total", "score", "do", "does", "s", "have", "live", "should", "this", "that", "will"),
    *("it", "identify", "many", "much", "current", "was", "did", "can", "could", "certain", "left"),
)  # fmt: skip
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_BRACKETS = re.compile(r"\([^()]*\w[^()]*\)|\[[^\[\]]*\]")  # `(s)` is handled before


def drop_accents(text: str) -> str:
    """Return a text without accents.

    >>> drop_accents("N\u00ba sesi\u00f3n")
    'No sesion'
    """
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))


@lru_cache(maxsize=10_000)
def list_words(header: str) -> tuple[str, ...]:
    """Return the words of a header: without case, accents, signs, what is in brackets, and the plural.

    >>> list_words("Language(s)"), list_words("PHQ-9"), list_words("birth_year"), list_words("Expected help (0-100)")
    (('language',), ('phq', '9'), ('birth', 'year'), ('expected', 'help'))
    """
    text = drop_accents(_CAMEL.sub(" ", normalize_text(header).replace("(s)", "s")))
    without = _BRACKETS.sub(" ", text)
    words = re.findall(r"[^\W_]+", (without if re.search(r"\w", without) else text).casefold())
    return tuple(map(_drop_plural, words))


def _drop_plural(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


FILLERS = frozenset(map(_drop_plural, (*_FILLERS, *FOREIGN_FILLERS)))


def split_digits(header: str) -> frozenset[str]:
    """Return the words of a header without the digits at their end.

    >>> sorted(split_digits("PHQ9 total"))
    ['phq', 'total']
    """
    return frozenset(word.rstrip("0123456789") for word in list_words(header))


def score_header(header: str, words: Sequence[str], fillers: Collection[str] = ()) -> float:
    """Return how much a header looks like one of the words of a clue, in [0, 1].

    1 for the same words; less for the same ones but for fillers, for one inside a longer header, and for a similar
    spelling. ``fillers`` are further words without a meaning here.

    >>> [round(score_header(header, ("referral date",)), 2) for header in ("Referral date", "Date of referral", "Age")]
    [1.0, 0.95, 0.0]
    """
    plain = list_words(header)
    kept = tuple(word for word in plain if word not in fillers)
    scores = [_score_words(plain, list_words(word)) for word in words]
    if kept and kept != plain:
        scores += [SAME_WITHOUT_FILLERS * _score_words(kept, list_words(word)) for word in words]
    return max(scores, default=0.0)


def _has_phrase(header: tuple[str, ...], clue: tuple[str, ...]) -> bool:
    """Return whether the words of a clue, at least two with a meaning, follow each other in a header."""
    words, wanted = ([word for word in words if word not in FILLERS] for words in (header, clue))
    n_words = len(wanted)
    return n_words > 1 and any(words[place : place + n_words] == wanted for place in range(len(words)))


@lru_cache(maxsize=100_000)
def _score_words(header: tuple[str, ...], clue: tuple[str, ...]) -> float:
    joined, wanted = "".join(header), "".join(clue)
    if not joined or not wanted:
        return 0.0
    if joined == wanted:
        return 1.0
    plain, plain_clue = (frozenset(words) - FILLERS for words in (header, clue))
    if plain and plain == plain_clue:
        return SAME_WITHOUT_FILLERS
    if len(wanted) >= MIN_LETTERS_OF_PART and set(clue) <= set(header):
        part = PART_LOW + PART_RANGE * len(clue) / len(header)
        return max(part, PHRASE) if len(header) >= MIN_QUESTION and _has_phrase(header, clue) else part
    if abs(len(joined) - len(wanted)) > MAX_MORE_LETTERS or len(set(joined) ^ set(wanted)) > MAX_OTHER_LETTERS:
        return 0.0  # nearly all clues
    ratio = SequenceMatcher(None, joined, wanted).ratio()
    return SIMILAR * ratio if ratio >= MIN_SIMILARITY else 0.0
