"""Scores of headers: how much a header looks like one of the words of a clue."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from typing import NamedTuple

from attune_fit.data.cell_parsing import normalize_text
from attune_fit.data.guessing.words.language_words import FOREIGN_FILLERS

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


@lru_cache(maxsize=50_000)
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
    return _score_header(header, tuple(words), frozenset(fillers))


@lru_cache(maxsize=200_000)
def _score_header(header: str, words: tuple[str, ...], fillers: frozenset[str]) -> float:
    plain = list_words(header)
    kept = tuple(word for word in plain if word not in fillers)
    clue = _read_clue(words)
    score = _score_best(plain, clue)
    return max(score, SAME_WITHOUT_FILLERS * _score_best(kept, clue)) if kept and kept != plain else score


class _Words(NamedTuple):
    """The words of a header or a clue, joined, their letters, and those that are no fillers."""

    words: tuple[str, ...]
    joined: str
    letters: frozenset[str]
    distinct: frozenset[str]
    plain: frozenset[str]


class _Clue(NamedTuple):
    """What a clue calls its column, by number of letters, by first word, and by the words that are no fillers."""

    by_length: dict[int, list[_Words]]
    by_first: dict[str, list[_Words]]
    by_plain: dict[frozenset[str], list[_Words]]

    def list_similar(self, header: _Words) -> Iterator[_Words]:
        """Yield all that a header can be like, some of it twice: nearly all clues are like no header."""
        length = len(header.joined)
        for number in range(length - MAX_MORE_LETTERS, length + MAX_MORE_LETTERS + 1):
            yield from self.by_length.get(number, ())
        for word in header.words:
            yield from self.by_first.get(word, ())
        yield from self.by_plain.get(header.plain, ())


@lru_cache(maxsize=10_000)
def _read_clue(texts: tuple[str, ...]) -> _Clue:
    clue = _Clue({}, {}, {})
    for one in filter(lambda one: one.joined, map(_join_words, map(list_words, texts))):
        clue.by_length.setdefault(len(one.joined), []).append(one)
        clue.by_first.setdefault(one.words[0], []).append(one)
        clue.by_plain.setdefault(one.plain, []).append(one)
    return clue


@lru_cache(maxsize=50_000)
def _join_words(words: tuple[str, ...]) -> _Words:
    joined, distinct = "".join(words), frozenset(words)
    return _Words(words, joined, frozenset(joined), distinct, distinct - FILLERS)


def _score_best(words: tuple[str, ...], clue: _Clue) -> float:
    header = _join_words(words)
    return max((_score_words(header, one) for one in clue.list_similar(header)), default=0.0)


def _has_phrase(header: tuple[str, ...], clue: tuple[str, ...]) -> bool:
    """Return whether the words of a clue, at least two with a meaning, follow each other in a header."""
    words, wanted = ([word for word in words if word not in FILLERS] for words in (header, clue))
    n_words = len(wanted)
    return n_words > 1 and any(words[place : place + n_words] == wanted for place in range(len(words)))


def _score_words(header: _Words, clue: _Words) -> float:
    if not header.joined or not clue.joined:
        return 0.0
    if header.joined == clue.joined:
        return 1.0
    if header.plain and header.plain == clue.plain:
        return SAME_WITHOUT_FILLERS
    if len(clue.joined) >= MIN_LETTERS_OF_PART and header.distinct >= clue.distinct:
        part = PART_LOW + PART_RANGE * len(clue.words) / len(header.words)
        is_question = len(header.words) >= MIN_QUESTION and _has_phrase(header.words, clue.words)
        return max(part, PHRASE) if is_question else part
    if abs(len(header.joined) - len(clue.joined)) > MAX_MORE_LETTERS:
        return 0.0
    if len(header.letters ^ clue.letters) > MAX_OTHER_LETTERS:
        return 0.0
    matcher = SequenceMatcher(None, header.joined, clue.joined)
    if matcher.quick_ratio() < MIN_SIMILARITY:  # at least the ratio, and much quicker
        return 0.0
    ratio = matcher.ratio()
    return SIMILAR * ratio if ratio >= MIN_SIMILARITY else 0.0
