"""Draw clients' wishes about a therapist, with their strengths."""

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

Strengths = npt.NDArray[np.int8]  # 0 is no wish; otherwise 1 + position in STRENGTHS

STRENGTH_WEIGHTS = np.array([0.0, 1.4, 0.7, 0.7, 1.4])  # weight of a wish by strength, no wish first: assumed


@dataclass(frozen=True)
class WishKind:
    """A kind of wish, with its frequency and its strengths: a row of :data:`WISH_KINDS`.

    Attributes
    ----------
    attribute : str
        Column of ``therapists``.
    allowed_values : tuple of str
        Values that a client can wish for; empty means any code of the column.
    share : float
        Share of the allowed clients with this wish, 0-1.
    strengths : tuple of float
        Shares of must, prefer, avoid and never among these wishes; they add up to 1.
    client_column : str
        Client column that sets the value: clients wish for their own code. Empty: a random value.
    client_codes : tuple of (column, code), ...
        Only clients with one of these codes can have the wish; empty means all clients.
    """

    attribute: str
    allowed_values: tuple[str, ...]
    share: float
    strengths: tuple[float, float, float, float] = (0.10, 0.90, 0.0, 0.0)
    client_column: str = ""
    client_codes: tuple[tuple[str, str], ...] = ()


# All shares are assumed. Published shares of a faith wish go from 24% (Canada) to over 50% (Netherlands).
WISH_KINDS: tuple[WishKind, ...] = (
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
    """List every (attribute, value) that a wish can name."""
    options = [
        (wish.attribute, value) for wish in WISH_KINDS for value in wish.allowed_values or list_codes(wish.attribute)
    ]
    return tuple(dict.fromkeys(options))


WISH_OPTIONS = _list_wish_options()


def draw_wishes(rng: np.random.Generator, client: Mapping[str, npt.NDArray[Any]]) -> Strengths:
    """Draw the wishes of clients, shape (clients, wish options): one wish for each attribute, the first drawn wins."""
    wishes = np.zeros((len(client["age"]), len(WISH_OPTIONS)), dtype=np.int8)
    for wish in WISH_KINDS:
        values = wish.allowed_values or list_codes(wish.attribute)
        has_wish = (rng.random(len(wishes)) < wish.share) & _can_have_wish(wish, client)
        if wish.client_column:
            choice = (client[wish.client_column] * rng.random((1, len(values)))).argmax(axis=1)
        else:
            choice = rng.integers(0, len(values), len(wishes))
        options = np.array([WISH_OPTIONS.index((wish.attribute, value)) for value in values])[choice]
        strength = 1 + rng.choice(len(STRENGTHS), len(wishes), p=wish.strengths)
        same_attribute = [attribute == wish.attribute for attribute, _ in WISH_OPTIONS]
        has_wish &= (wishes[:, same_attribute] == 0).all(axis=1)  # one wish for each attribute
        wishes[has_wish, options[has_wish]] = strength[has_wish]
    return wishes


def has_wished_attributes(therapists: People) -> Bools:
    """Return whether each therapist has the attribute of each wish option, shape (therapists, wish options)."""
    return np.stack([_has_value(therapists, attribute, value) for attribute, value in WISH_OPTIONS], axis=1)


def build_wish_table(clients: People, ids: npt.NDArray[np.object_]) -> pd.DataFrame:
    """Build the table ``preferences`` from the wishes: one row for each wish."""
    rows, options = np.nonzero(clients["wishes"])
    attribute, value = np.array(WISH_OPTIONS, dtype=object)[options].T if len(rows) else (np.array([]), np.array([]))
    strength = np.array(("", *STRENGTHS), dtype=object)[clients["wishes"][rows, options]]
    return pd.DataFrame({"client_id": ids[rows], "attribute": attribute, "value": value, "strength": strength})


def _can_have_wish(wish: WishKind, client: Mapping[str, npt.NDArray[Any]]) -> Bools:
    if not wish.client_codes:
        return np.ones(len(client["age"]), dtype=bool)
    return np.asarray(
        np.any([client[column][:, list_codes(column).index(code)] for column, code in wish.client_codes], axis=0)
    )


def _has_value(therapists: People, attribute: str, value: str) -> Bools:
    values = therapists[attribute]
    if values.ndim == 1:
        low, high = parse_range(value)
        return np.asarray((values >= low) & (values <= high))
    return np.asarray(values[:, list_codes(attribute).index(value)])


def compute_wish_weights(clients: People, good: bool) -> Floats:
    """Return wish weights by strength, shape (clients, wish options), of wanted (``good``) or unwanted attributes."""
    is_chosen = np.isin(clients["wishes"], (1, 2)) if good else np.isin(clients["wishes"], (3, 4))
    return np.where(is_chosen, STRENGTH_WEIGHTS[clients["wishes"]], 0.0)
