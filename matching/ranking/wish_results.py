"""Answer a client's wishes for one therapist, from the client's side."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from attune_fit.matching.ranking.ranking_result import WishAnswer, WishResult

ClientWishes = list[
    tuple[str, str, str, npt.NDArray[np.float64]]
]  # strength, attribute, value, answer of every therapist (1 yes, 0 no, NaN unknown)

REQUIRED_ANSWERS = {"must": 1, "prefer": 1, "avoid": 0, "never": 0}  # the answer that meets a wish, by strength


def check_wishes(client_wishes: ClientWishes, therapist: int) -> tuple[WishResult, ...]:
    """Answer every wish of a client for one therapist.

    Parameters
    ----------
    client_wishes : list
        From :meth:`WishTable.list_client_wishes`.
    therapist : int
        A row of the roster.
    """
    return tuple(
        WishResult(strength, attribute, value, _describe_answer(answers[therapist], REQUIRED_ANSWERS[strength]))
        for strength, attribute, value, answers in client_wishes
    )


def _describe_answer(answer: np.float64, required: int) -> WishAnswer:
    if np.isnan(answer):
        return "unknown"
    return "met" if answer == required else "unmet"
