"""Orders of a client's list in a randomised trial: the rules decide who is on it, and an arm only the order.

Each order is a function of the ranking, its seed and the ids, so that a logged list can be recomputed exactly.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from attune_fit.matching.ranking.lazy_rows import LazyRows
from attune_fit.matching.ranking.list_draw import ListDraw
from attune_fit.matching.ranking.rank import rank
from attune_fit.matching.ranking.ranking_result import Candidate, Ranking

if TYPE_CHECKING:
    from attune_fit.matching.ranking.scored_roster import RosterScorer

OrderPlaces = Callable[[Ranking], list[int]]  # places of the candidates, from 0, in the new order
UNCHANGED_ORDER = "list"  # logged as a ranking like any other


def rank_in_order(scorer: RosterScorer, client_id: str, order: str) -> Ranking:
    """Rank the roster for a client, with the candidates in an order of :data:`TRIAL_ORDERS`; raises as :func:`rank`."""
    return change_order(rank(scorer, client_id), order)


def change_order(ranking: Ranking, order: str) -> Ranking:
    """Return a ranking with the same candidates and the same excluded therapists, in another order.

    Each candidate keeps band, score and reasons; ``position`` is the place in the new order.
    """
    if order == UNCHANGED_ORDER:
        return ranking
    places, arrays = TRIAL_ORDERS[order](ranking), ranking.arrays
    reordered = replace(
        arrays,
        therapist_ids=[arrays.therapist_ids[place] for place in places],
        band=arrays.band[places],
        points=arrays.points[places],
        build_draw=_build_no_draw,
    )
    candidates = LazyRows(len(places), partial(_build_candidates, ranking, places))
    return replace(ranking, candidates=candidates, arrays=reordered)


def _build_no_draw(n_shown: int) -> ListDraw:  # noqa: ARG001  (the signature of build_draw)
    """Return an empty draw: the order of an arm is not the one that a ranking draws inside its bands."""
    return ListDraw(())


def _build_candidates(ranking: Ranking, places: Sequence[int], numbers: Sequence[int]) -> list[Candidate]:
    """Return the candidates at some places of the new order, with their details."""
    found = [ranking.candidates[places[number]] for number in numbers]
    return [
        replace(one, position=number + 1).attach(partial(_read_detail, one))
        for number, one in zip(numbers, found, strict=True)
    ]


def _read_detail(candidate: Candidate) -> object:
    return candidate.detail


def _list_unchanged(ranking: Ranking) -> list[int]:
    return list(range(len(ranking.arrays.therapist_ids)))


def _list_first_band_by_score(ranking: Ranking) -> list[int]:
    """Order the first band by estimate; equal estimates keep their order."""
    first = _list_first_band(ranking)
    scores = ranking.arrays.points[: len(first), 0]
    return [*np.argsort(-scores, kind="stable").tolist(), *range(len(first), len(ranking.arrays.therapist_ids))]


def _list_first_band_at_random(ranking: Ranking) -> list[int]:
    first = _list_first_band(ranking)
    return [*_draw_order(ranking, first), *range(len(first), len(ranking.arrays.therapist_ids))]


def _list_all_at_random(ranking: Ranking) -> list[int]:
    return _draw_order(ranking, _list_unchanged(ranking))


def _list_first_band(ranking: Ranking) -> list[int]:
    """Return the places of the first band: bands follow each other on a list."""
    return np.flatnonzero(ranking.arrays.band == 1).tolist()


def _draw_order(ranking: Ranking, places: Sequence[int]) -> list[int]:
    """Return places in a random order that the seed and the ids fix: each order has the same probability.

    The ids enter a digest, so no name has an advantage over another one. A therapist who is no longer on the list
    leaves the order of the others as it was.
    """
    ids = ranking.arrays.therapist_ids
    return sorted(places, key=lambda place: _draw_key(ranking.seed, ranking.client_id, ids[place]))


def _draw_key(seed: int, client_id: str, therapist_id: str) -> bytes:
    text = json.dumps(["trial order", seed, client_id, therapist_id], ensure_ascii=False)
    return hashlib.sha256(text.encode()).digest()


TRIAL_ORDERS: Mapping[str, OrderPlaces] = {  # the same names as LIST_ORDERS of training; a test compares both
    UNCHANGED_ORDER: _list_unchanged,
    "first_band_by_score": _list_first_band_by_score,
    "first_band_at_random": _list_first_band_at_random,
    "all_at_random": _list_all_at_random,
}
