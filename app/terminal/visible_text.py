"""Text from data as a terminal can show it: control and direction characters become visible, one for one."""

from __future__ import annotations

import codecs
import unicodedata
from typing import TextIO

HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})  # of Unicode: they act on a terminal, or nothing is seen
KEPT = "\n\t\u200c\u200d"  # line break, tab, and the joiners that Arabic, Persian and Indic words are written with
CONTROL_PICTURES = 0x2400  # the block of Unicode with a picture for each ASCII control character
UNSEEN = "\ufffd"
FALLBACK_HANDLER = "attune-visible"
FALLBACKS = str.maketrans({
    "●": "o", "○": "o", "─": "-", "━": "-", "│": "|", "·": ".", "…": "...", "✓": "+", "✗": "x", "×": "x", "–": "-",
    "—": "-", "≥": ">=", "≤": "<=", "→": "->", "±": "+-", "“": '"', "”": '"', "‘": "'", "’": "'", "\u00a0": " ",
    "␛": "<ESC>", "▶": ">", "▲": "^", "▼": "v", "█": "#", "░": ".", "▒": ":", "▓": "%", "½": "1/2", "Δ": "d", "σ": "s",
})  # fmt: skip


def show_hidden(text: str) -> str:
    r"""Replace characters that act on a terminal, or that cannot be seen, by visible ones; the length stays the same.

    A control character becomes its picture. Direction marks, zero-width spaces, halves of surrogate pairs and the like
    become the sign for an unreadable character. Line breaks, tabs and joiners of letters stay.

    >>> show_hidden("c1\x1b[2J"), show_hidden("c1\u202e2")
    ('c1␛[2J', 'c1\ufffd2')
    """
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() or one in KEPT else _show(one) for one in text)


def prepare_stream(stream: TextIO) -> None:
    r"""Let a stream print what its encoding lacks: Attune's signs in ASCII, other characters as ``\xe9``.

    A stream that cannot be changed, such as that of a notebook, stays as it is.
    """
    codecs.register_error(FALLBACK_HANDLER, _replace_unencodable)
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors=FALLBACK_HANDLER)


def _show(character: str) -> str:
    """Return the visible form of one character."""
    if unicodedata.category(character) not in HIDDEN_CATEGORIES:
        return character  # a space of another width, or a character that Unicode has not assigned
    code = ord(character)
    if code < 0x20:
        return chr(CONTROL_PICTURES + code)
    return "␡" if code == 0x7F else UNSEEN


def _replace_unencodable(error: UnicodeError) -> tuple[str, int]:
    """Return what to print for characters that an encoding lacks; ids stay different from each other."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end].translate(FALLBACKS)
    return text.encode("ascii", "backslashreplace").decode("ascii"), error.end
