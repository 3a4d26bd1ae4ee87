"""What the name of a column says, in whatever way a clinic writes it."""

from __future__ import annotations

import re
from collections.abc import Sequence

WISH_PHRASES = (r"prefer\w*", r"wish\w*", r"want\w*", "desired", r"importan\w*")  # a client says what matters
PRE_CONTACT_PHRASES = (*WISH_PHRASES, r"expect\w*", r"anticipat\w*", r"hope[sd]?", "intake", "baseline", "before", "screening",
          "referral", "pretreatment", r"pre (?:treatment|therapy|session)")  # fmt: skip


def split_column_name(name: str) -> str:
    """A column's name as words.

    >>> split_column_name("avgAlliance_Score-2")
    'avg alliance score 2'
    """
    return " ".join(re.findall(r"[^\W_]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", name))).casefold()


def has_phrase(name: str, phrases: Sequence[str]) -> bool:
    """Whether one of the phrases (regular expressions over whole words) stands in the name.

    >>> has_phrase("dropped_out", ["drop(ped)? ?out"]), has_phrase("backdrop", ["drop"])
    (True, False)
    """
    return re.search(rf"\b(?:{'|'.join(phrases)})\b", split_column_name(name)) is not None if phrases else False
