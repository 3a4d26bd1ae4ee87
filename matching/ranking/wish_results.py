"""A client's wishes held against one therapist, from the client's side."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from attune_fit.matching.ranking.ranking_result import WishAnswer, WishResult

ClientWishes = list[
    tuple[str, str, str, npt.NDArray[np.float64]]
]  # strength, attribute, value, answer of every therapist

REQUIRED_ANSWERS = {
    "must": 1,
    "prefer": 1,
    "avoid": 0,
    "never": 0,
}  # what the therapist's answer has to be, by strength


def check_wishes(wished: ClientWishes, therapist: int) -> tuple[WishResult, ...]:
    """Every wish with the therapist's answer.

    Parameters
    ----------
    wished : list
        From :meth:`WishTable.of_client`.
    therapist : int
        A row of the roster.
    """
    return tuple(
        WishResult(strength, attribute, value, _answer(answers[therapist], REQUIRED_ANSWERS[strength]))
        for strength, attribute, value, answers in wished
    )


def _answer(answer: np.float64, wanted: int) -> WishAnswer:
    if np.isnan(answer):
        return "unknown"
    return "met" if answer == wanted else "unmet"
