"""Ids that are almost the same: software loses zeros, changes case and adds `.0`."""

from __future__ import annotations

import re

import pandas as pd

MAX_SUGGESTIONS = 3  # ids in a suggestion


def suggest_similar_ids(unknown: pd.Series, ids: pd.Series) -> str:
    """Return a question for unknown ids that differ from known ones by zeros, case or signs only; empty for none.

    >>> suggest_similar_ids(pd.Series(["12", "x9"]), pd.Series(["0012", "0345"]))
    'Did you mean `0012` for `12`?'
    """
    asked = unknown.dropna().tolist()
    if not asked:
        return ""
    by_folded = {normalize_id_spelling(str(one)): str(one) for one in reversed(ids.dropna().tolist())}
    pairs = {
        str(one): by_folded[normalize_id_spelling(str(one))]
        for one in asked
        if normalize_id_spelling(str(one)) in by_folded
    }
    listed = [f"`{known}` for `{one}`" for one, known in list(pairs.items())[:MAX_SUGGESTIONS]]
    return f"Did you mean {', '.join(listed)}?" if listed else ""


def normalize_id_spelling(text: str) -> str:
    """Return an id without what software loses: case, signs, the zeros before a number and the `.0` after it.

    >>> [normalize_id_spelling(one) for one in ("T-03", "t3", "0012", "12.0")]
    ['t3', 't3', '12', '12']
    """
    text = re.sub(r"(?<=\d)\.0+$", "", text.casefold())
    return re.sub(r"(?<!\d)0+(?=\d)", "", re.sub(r"[\W_]", "", text))
