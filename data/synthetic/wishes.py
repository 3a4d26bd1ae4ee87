"""What clients wish of a therapist, and how strongly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from attune_fit.data.arrays import Bools, Floats
from attune_fit.data.clinic.columns import STRENGTHS
from attune_fit.data.number_ranges import parse_range
from attune_fit.data.synthetic.code_frequencies import list_codes
from attune_fit.data.synthetic.people import People

Strengths = npt.NDArray[np.int8]  # 0 no wish, then 1 + the place in STRENGTHS

STRENGTH_WEIGHTS = np.array([0.0, 1.4, 0.7, 0.7, 1.4])  # what a wish of each strength is worth: assumed


@dataclass(frozen=True)
class WishKind:
    """A kind of wish: how many clients have it, and how strongly they mean it.

    Attributes
    ----------
    attribute : str
        Column of ``therapists``.
    allowed_values : tuple of str
        What may be wished for; empty means any code of the column.
    share : float
        Share of the clients who have it.
    strengths : tuple of float
        Of those, how many say must, prefer, avoid, never.
    client_column : str
        Client column whose codes decide what is wished for: one wishes for one's own.
    client_codes : tuple of (column, code), ...
        Clients who may have it; empty means all.
    """

    attribute: str
    allowed_values: tuple[str, ...]
    share: float
    strengths: tuple[float, float, float, float] = (0.10, 0.90, 0.0, 0.0)
    client_column: str = ""
    client_codes: tuple[tuple[str, str], ...] = ()


WISH_KINDS: tuple[
    WishKind, ...
] = (  # shares are assumed; a faith wish is known from 24% (Canada) to over 50% (Netherlands)
    WishKind(
        "gender", ("woman",), 0.40, (0.25, 0.75, 0.0, 0.0), client_codes=(("gender", "woman"), ("gender", "nonbinary"))
    ),
    WishKind("gender", ("man",), 0.15, (0.05, 0.90, 0.0, 0.05), client_codes=(("gender", "woman"),)),
    WishKind("gender", ("man",), 0.22, (0.10, 0.85, 0.05, 0.0), client_codes=(("gender", "man"),)),
    WishKind("race_ethnicity", (), 0.10, client_column="race_ethnicity", client_codes=(("race_ethnicity", "white"),)),
    WishKind(
        "race_ethnicity",
        (),
        0.38,
        client_column="race_ethnicity",
        client_codes=tuple(("race_ethnicity", code) for code in ("hispanic", "black", "asian", "other")),
    ),
    WishKind(
        "religion",
        (),
        0.34,
        client_column="religion",
        client_codes=tuple(("religion", code) for code in ("christian", "jewish", "muslim", "hindu", "buddhist")),
    ),
    WishKind("religion", ("christian",), 0.05, (0.0, 0.0, 0.8, 0.2), client_codes=(("religion", "none"),)),
    WishKind("lgbtq_affirming", ("yes",), 0.70, (0.40, 0.60, 0.0, 0.0), client_codes=(("lgbtq", "yes"),)),
    WishKind("orientations", (), 0.20, (0.06, 0.84, 0.10, 0.0)),
    WishKind("age", ("40-60", "<=40", ">=50"), 0.10, (0.05, 0.85, 0.10, 0.0)),
    WishKind("years_experience", (">=10", ">=5"), 0.12, (0.15, 0.85, 0.0, 0.0)),
)


def _list_wish_options() -> tuple[tuple[str, str], ...]:
    """Every (attribute, value) that a wish may name."""
    found = [(wish.attribute, value) for wish in WISH_KINDS for value in wish.allowed_values or list_codes(wish.attribute)]
    return tuple(dict.fromkeys(found))


WISH_OPTIONS = _list_wish_options()


def draw_wishes(rng: np.random.Generator, client: Mapping[str, npt.NDArray[Any]]) -> Strengths:
    """Draw the wishes of clients with these columns, shape (clients, wishable); a later wish yields to an earlier."""
    held = np.zeros((len(client["age"]), len(WISH_OPTIONS)), dtype=np.int8)
    for wish in WISH_KINDS:
        values = wish.allowed_values or list_codes(wish.attribute)
        has = (rng.random(len(held)) < wish.share) & _can_have_wish(wish, client)
        if wish.client_column:
            which = (client[wish.client_column] * rng.random((1, len(values)))).argmax(axis=1)
        else:
            which = rng.integers(0, len(values), len(held))
        places = np.array([WISH_OPTIONS.index((wish.attribute, value)) for value in values])[which]
        strength = 1 + rng.choice(len(STRENGTHS), len(held), p=wish.strengths)
        has &= (held[:, [a == wish.attribute for a, _ in WISH_OPTIONS]] == 0).all(axis=1)  # one wish for each attribute
        held[has, places[has]] = strength[has]
    return held


def has_wished_attributes(therapists: People) -> Bools:
    """Whether each therapist is what each wish names, shape (therapists, wishable)."""
    return np.stack([_has_value(therapists, attribute, value) for attribute, value in WISH_OPTIONS], axis=1)


def build_wish_table(clients: People, ids: npt.NDArray[np.object_]) -> pd.DataFrame:
    """The wishes as the ``preferences`` table."""
    rows, places = np.nonzero(clients["wishes"])
    attribute, value = np.array(WISH_OPTIONS, dtype=object)[places].T if len(rows) else (np.array([]), np.array([]))
    strength = np.array(("", *STRENGTHS), dtype=object)[clients["wishes"][rows, places]]
    return pd.DataFrame({"client_id": ids[rows], "attribute": attribute, "value": value, "strength": strength})


def _can_have_wish(wish: WishKind, client: Mapping[str, npt.NDArray[Any]]) -> Bools:
    if not wish.client_codes:
        return np.ones(len(client["age"]), dtype=bool)
    return np.asarray(
        np.any([client[column][:, list_codes(column).index(code)] for column, code in wish.client_codes], axis=0)
    )


def _has_value(therapists: People, attribute: str, value: str) -> Bools:
    held = therapists[attribute]
    if held.ndim == 1:
        low, high = parse_range(value)
        return np.asarray((held >= low) & (held <= high))
    return np.asarray(held[:, list_codes(attribute).index(value)])


def compute_wish_weights(clients: People, good: bool) -> Floats:
    """What clients want (``good``) or do not want, weighted by strength, shape (clients, wishable)."""
    wants = np.isin(clients["wishes"], (1, 2)) if good else np.isin(clients["wishes"], (3, 4))
    return np.where(wants, STRENGTH_WEIGHTS[clients["wishes"]], 0.0)
