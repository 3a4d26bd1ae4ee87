"""Words of weekly times: days, parts of the day, clock times, and the words between them, in five languages."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal, NamedTuple

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEKDAYS = DAYS[:5]
TimeKind = Literal["days", "parts", "clock", "after", "before", "to", "dash", "any", "link"]

_DAY_WORDS: dict[str, tuple[str, ...]] = {  # singular, without accents; English, German, French, Spanish, Dutch
    "mon": ("mon", "monday", "mo", "montag", "lun", "lundi", "lunes", "maandag"),
    "tue": ("tu", "tue", "tues", "tuesday", "di", "dienstag", "mar", "mardi", "martes", "dinsdag"),
    "wed": ("wed", "weds", "wednesday", "mi", "mittwoch", "mer", "mercredi", "mie", "miercoles", "wo", "woensdag"),
    "thu": ("th", "thu", "thur", "thurs", "thursday", "do", "donnerstag", "jeu", "jeudi", "jue", "jueves", "donderdag"),
    "fri": ("fri", "friday", "fr", "freitag", "ven", "vendredi", "vie", "viernes", "vr", "vrijdag"),
    "sat": ("sat", "saturday", "sa", "samstag", "sonnabend", "sam", "samedi", "sab", "sabado", "za", "zaterdag"),
    "sun": ("sun", "sunday", "so", "sonntag", "dim", "dimanche", "dom", "domingo", "zo", "zondag"),
}
_GROUP_WORDS: dict[tuple[str, ...], tuple[str, ...]] = {
    WEEKDAYS: ("weekday", "werktag", "wochentag", "jours de semaine", "en semaine", "dias laborables", "entre semana"),
    DAYS[5:]: ("weekend", "week-end", "wochenende", "fin de semana", "fines de semana"),
    DAYS: ("any day", "every day", "all days", "daily", "taglich", "tous les jours", "todos los dias"),
}
_PART_WORDS: dict[tuple[str, ...], tuple[str, ...]] = {
    ("am",): ("am", "a.m.", "morning", "vormittag", "vorm", "vm", "morgens", "matin", "matinee", "manana",
              "por la manana", "ochtend", "'s ochtends", "voormiddag"),
    ("pm",): ("pm", "p.m.", "afternoon", "nachmittag", "nachm", "nm", "apres-midi", "apres midi", "aprem", "tarde",
              "por la tarde", "middag", "'s middags", "namiddag"),
    ("eve",): ("eve", "evening", "abend", "soir", "soiree", "noche", "por la noche", "avond", "'s avonds"),
    ("am", "pm"): ("all day", "whole day", "full day", "day", "ganztag", "ganztagig", "ganzer tag",
                   "toute la journee", "journee", "todo el dia", "hele dag"),
}  # fmt: skip
_OTHER_WORDS: dict[TimeKind, tuple[str, ...]] = {
    "after": ("after", "from", "since", "ab", "nach", "apres", "a partir de", "a partir de las", "despues de",
              "despues de las", "desde", "desde las", "des"),
    "before": ("before", "until", "till", "vor", "avant", "jusqu'a", "antes de", "antes de las", "hasta", "hasta las"),
    "to": ("to", "bis", "a", "au", "al", "a las", "through", "thru"),
    "any": ("any", "anytime", "any time", "always", "jederzeit", "immer", "n'importe quand", "cualquier hora",
            "siempre"),
}  # fmt: skip
_LINKS = ("and", "or", "und", "oder", "et", "ou", "y", "o", "&", "+", "/", ",", ";")  # between two times
_FILLING = ("on", "every", "each", "the", "at", "um", "uhr", "le", "les", "el", "los", "la", "las", "de", "du", "in",
            "im", "only", "nur", "available", "between", "zwischen", "entre", "von", "von den", "jeden", "h", "hrs",
            "hours", "(", ")", ":", ".", "|", "@")  # fmt: skip
_SIGNS = {"-": "dash", "\u2013": "dash", "\u2014": "dash"}
_CLOCK_FORM = re.compile(
    r"(?<!\d)(?:(?P<short>[01]\d|2[0-4])(?P<minutes>[0-5]\d)|(?P<hour>[01]?\d|2[0-4])(?:[:.h](?P<minute>[0-5]\d))?)"
    r"(?![.:]\d)\s*(?:h(?![a-z]))?\s*(?P<half>[ap]\.?m\b\.?)?(?!\d)"  # `9.5` is no clock time
)
_EXCLUDING = (  # words after which a piece of a cell is about times that are not possible
    *("no", "not", "never", "except", "excepting", "excluding", "but", "without", "unless", "unavailable", "can't"),
    *("cannot", "cant", "don't", "dont", "busy", "off", "closed", "booked"),
    *("nicht", "kein", "keine", "keinen", "nie", "ausser", "ohne", "belegt", "geschlossen"),
    *("pas", "jamais", "sauf", "excepte", "sans", "ferme"),
    *("nunca", "excepto", "salvo", "menos", "sin", "cerrado"),
)
_EXCLUDING_FORM = re.compile(rf"(?<!\w)(?:{'|'.join(_EXCLUDING)})(?!\w)")
_NOON = re.compile(r"\b(?:noon|midday)\b")
_GERMAN_ON = re.compile(r"\bam (?=\w+tag|mittwoch|sonnabend|wochenende)")
_DUTCH_MONDAY = re.compile(r"\bma(?=[-. ]*(?:ochtend|(?:na)?middag|avond))")  # `ma` alone is Tuesday in French
_OCLOCK = re.compile(r"o'?clock")


class TimeToken(NamedTuple):
    """A word of a weekly time.

    Attributes
    ----------
    kind : str
        What it means.
    names : tuple of str
        Days or parts of the day.
    minutes : int
        A clock time, in minutes from 0 to 1440, with an hour as it is written.
    half : str
        ``am`` or ``pm`` where it is written behind a clock time; ``24`` where the hour has a zero in front or is above
        12; empty where both halves of the day are possible.
    """

    kind: TimeKind
    names: tuple[str, ...] = ()
    minutes: int = 0
    half: str = ""


def _build_words() -> dict[str, TimeToken | None]:
    """Return the meaning of each word; None for a word without one."""
    words: dict[str, TimeToken | None] = dict.fromkeys(_FILLING)
    words |= {word: TimeToken("link") for word in _LINKS}
    words |= {word: TimeToken(kind) for kind, group in _OTHER_WORDS.items() for word in group}
    words |= {word: TimeToken("dash") for word in _SIGNS}
    words |= _add_plurals({word: TimeToken("days", (day,)) for day, group in _DAY_WORDS.items() for word in group})
    words |= _add_plurals({word: TimeToken("parts", parts) for parts, group in _PART_WORDS.items() for word in group})
    words |= _add_plurals({word: TimeToken("days", days) for days, group in _GROUP_WORDS.items() for word in group})
    return words


def _add_plurals(words: dict[str, TimeToken]) -> dict[str, TimeToken]:
    """Return the words, and those of more than three letters with an ending of the plural."""
    plurals = {
        f"{word}{end}": token for word, token in words.items() if len(word) > 3 for end in ("s", "e", "es", "en")
    }
    return {**plurals, **words}


_WORDS = _build_words()
_WORD_FORM = re.compile(
    "|".join(
        rf"(?<!\w){re.escape(word)}(?!\w)" if word[0].isalnum() and word[-1].isalnum() else re.escape(word)
        for word in sorted(_WORDS, key=len, reverse=True)
    )
)


def list_time_tokens(text: str) -> list[TimeToken] | None:
    """Return the words of a text that are about times; None where it has any other word.

    >>> [token.kind for token in list_time_tokens("Mon after 5pm")]
    ['days', 'after', 'clock']
    >>> list_time_tokens("Mon if need be") is None
    True
    """
    text, tokens, place = _simplify_text(text), list[TimeToken](), 0
    while place < len(text):
        if text[place].isspace():
            place += 1
            continue
        clock = _CLOCK_FORM.match(text, place)
        word = None if clock else _WORD_FORM.match(text, place)
        if clock is not None:
            tokens.append(_build_clock_token(clock))
            place = clock.end()
        elif word is not None:
            token = _WORDS[word[0]]
            tokens += [token] if token is not None else []
            place = word.end()
        else:
            return None
    return tokens


def is_excluding(text: str) -> bool:
    """Return whether a text has a word such as `except` or `not`: its times are not possible.

    >>> is_excluding("except Wed"), is_excluding("nicht am Mi"), is_excluding("Wed")
    (True, True, False)
    """
    return _EXCLUDING_FORM.search(_simplify_text(text)) is not None


def _simplify_text(text: str) -> str:
    """Return a text in lower case without accents, with noon as a clock time."""
    letters = unicodedata.normalize("NFKD", text.casefold().replace("\u2019", "'"))
    text = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return _OCLOCK.sub("", _DUTCH_MONDAY.sub("maandag", _GERMAN_ON.sub("", _NOON.sub("12:00", text))))


def _build_clock_token(found: re.Match[str]) -> TimeToken:
    written = found["short"] or found["hour"]
    hour, minute = int(written), int(found["minutes"] or found["minute"] or 0)
    half = (found["half"] or "").replace(".", "")
    if not half and (written.startswith("0") or hour > 12 or hour == 0):
        half = "24"
    return TimeToken("clock", minutes=60 * hour + minute, half=half)
