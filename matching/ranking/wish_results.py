"""A client's wishes held against one therapist, from the client's side."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from attune_fit.matching.ranking.ranking_result import Answer, Wish

Wished = list[tuple[str, str, str, npt.NDArray[np.float64]]]  # strength, attribute, value, answer of every therapist

WANTED = {"must": 1, "prefer": 1, "avoid": 0, "never": 0}  # what the therapist's answer has to be, by strength


def wishes(wished: Wished, therapist: int) -> tuple[Wish, ...]:
    """Every wish with the therapist's answer.

    Parameters
    ----------
    wished : list
        From :meth:`attune_fit.features.wish_table.Wishlist.of_client`.
    therapist : int
        A row of the roster.
    """
    return tuple(
        Wish(strength, attribute, value, _answer(answers[therapist], WANTED[strength]))
        for strength, attribute, value, answers in wished
    )


def _answer(answer: np.float64, wanted: int) -> Answer:
    if np.isnan(answer):
        return "unknown"
    return "met" if answer == wanted else "unmet"
