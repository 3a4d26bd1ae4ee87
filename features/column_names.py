"""Phrases in column names: how Attune recognizes what a column holds, however the clinic spells its name."""

from __future__ import annotations

import re
from collections.abc import Sequence

WISH_PHRASES = (r"prefer\w*", r"wish\w*", r"want\w*", "desired", r"importan\w*")  # the client states what matters
PRE_CONTACT_PHRASES = (
    *WISH_PHRASES, r"expect\w*", r"anticipat\w*", r"hope[sd]?", "intake", "baseline", "before", "screening",
    "referral", "pretreatment", r"pre (?:treatment|therapy|session)",
)  # fmt: skip


def split_column_name(name: str) -> str:
    """Return a column's name as lower-case words.

    >>> split_column_name("avgAlliance_Score-2")
    'avg alliance score 2'
    """
    return " ".join(re.findall(r"[^\W_]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", name))).casefold()


def has_phrase(name: str, phrases: Sequence[str]) -> bool:
    """Return whether the name contains one of the phrases (regular expressions over whole words).

    >>> has_phrase("dropped_out", ["drop(ped)? ?out"]), has_phrase("backdrop", ["drop"])
    (True, False)
    """
    return re.search(rf"\b(?:{'|'.join(phrases)})\b", split_column_name(name)) is not None if phrases else False
