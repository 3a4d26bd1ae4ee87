"""Does the pair part know anything about this choice? A re-pairing test, and an interval clustered by therapist."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.pairs import PairFrame, Pairs
from models.verdict import FEWEST, Verdict
from training.metrics import correlation, within
from training.predicted import Predicted, pair_part
from training.recipe import Made
from training.records import Records

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

RE_PAIRINGS = 500
RESAMPLES = 1000
MOST_RECORDS = 3000  # the test looks at no more; a pair effect that needs more is worth nothing to a client
MOST_PAIRS = 200_000  # whose features are in memory at once
LEVEL = 0.05


@dataclass(frozen=True)
class Exchange:
    """Records whose clients may swap therapists.

    Attributes
    ----------
    rows : array of int, shape (n,)
        Which of the predictions they are.
    left : array of shape (n,)
        What baseline and therapist leave of the outcome, less the mean of the therapist's clients.
    choice : array of shape (n, therapists)
        The pair part of each record's client with every therapist met, less the client's mean: what is said about the
        choice alone.
    therapist : array of int, shape (n,)
        Column of the therapist met.
    stratum : array of int, shape (n,)
        Swaps stay within it.
    """

    rows: Ints
    left: Floats
    choice: Floats
    therapist: Ints
    stratum: Ints

    @property
    def own(self) -> Floats:
        """What is said about the pairs that met, shape (n,)."""
        return np.asarray(self.choice[np.arange(len(self.left)), self.therapist])


def exchange(records: Records, made: Sequence[Made], said: Predicted, site: str = "") -> Exchange:
    """What each client's model says of every therapist met, at most :data:`MOST_RECORDS` records, evenly drawn.

    Parameters
    ----------
    records : Records
    made : sequence of Made
        One model for each fold; folds by client.
    said : Predicted
        What these models say of the pairs that met.
    site : str
        Column of ``clients``: therapists are swapped only within a site, and a quarter of the year.
    """
    rows = np.sort(np.concatenate([one.test for one in made]))
    some = np.unique(np.linspace(0, len(rows) - 1, min(len(rows), MOST_RECORDS)).astype(np.intp))
    roster, therapist = np.unique(records.therapist[rows[some]], return_inverse=True)
    choice = np.empty((len(some), len(roster)))
    for one in made:
        here = np.flatnonzero(np.isin(rows[some], one.test))
        for part in np.array_split(here, 1 + len(here) * len(roster) // MOST_PAIRS):
            pairs = Pairs(records.sides, records.client[rows[some[part]]][:, None], roster[None, :])
            choice[part] = pair_part(one.model, PairFrame.of(pairs, records.features).standard())
    choice -= choice.mean(axis=1, keepdims=True)
    left = within((said.y - said.rest)[some], therapist)
    return Exchange(some, left, choice, therapist, strata(records, rows[some], site))


def verdict(met: Exchange, n: int, seed: int = 0) -> Verdict:
    """Judge the pair part by records that the models were not made from.

    Parameters
    ----------
    met : Exchange
    n : int
        Records in all.
    seed : int

    Returns
    -------
    Verdict
        ``adds`` only when fewer than 5% of re-pairings do as well as the pairs that met, and the interval of r lies
        above zero.

    Notes
    -----
    A swap keeps each client and each therapist, so whatever is known of either alone is the same before and after.
    Assumes that within a stratum who met whom had nothing to do with what is not in the tables.
    """
    r = correlation(met.left, within(met.own, met.therapist))
    if n < FEWEST or np.isnan(r) or _swappable(met) < FEWEST:
        return Verdict("nothing", n=n)
    p = repairing(met, seed)
    low, high = interval(met, seed)
    return Verdict("adds" if p < LEVEL and low > 0 else "nothing", r, low, high, p, n)


def strata(records: Records, rows: Ints, site: str = "") -> Ints:
    """Quarter of the year and site of some records, as numbers; an unknown one is a stratum of its own."""
    months = records.when[rows].astype("datetime64[M]").astype(np.int64)
    quarter = np.where(np.isnat(records.when[rows]), -1, months // 3)
    clients = records.sides.tables.clients
    place = np.zeros(len(clients), dtype=np.intp)
    if site in clients:
        place, _ = pd.factorize(clients[site].astype("str"), sort=True)
    _, stratum = np.unique(np.stack([quarter, place[records.client[rows]]]), axis=1, return_inverse=True)
    return np.asarray(stratum, dtype=np.intp)


def repairing(met: Exchange, seed: int) -> float:
    r"""Share of re-pairings that do at least as well as the pairs that met: :math:`(hits + 1) / (n + 1)`, never 0."""
    rng = np.random.default_rng(seed)
    known = met.choice - met.choice.mean(axis=0)
    home = np.argsort(met.stratum, kind="stable")
    rows = np.arange(len(home))
    true, hits = _agreement(met.left, known[rows, met.therapist]), 0
    for _ in range(RE_PAIRINGS):
        swapped = np.empty_like(home)
        swapped[home] = np.lexsort((rng.random(len(home)), met.stratum))
        hits += _agreement(met.left, known[rows, met.therapist[swapped]]) >= true
    return (hits + 1) / (RE_PAIRINGS + 1)


def interval(met: Exchange, seed: int, level: float = 0.95) -> tuple[float, float]:
    """Bootstrap interval of r: whole therapists are drawn, because their clients are not independent.

    Every moment of a correlation is a sum, so a draw is a weighted sum of the therapists' sums.
    """
    own, left = within(met.own, met.therapist), met.left
    columns = [own, left, own * left, own**2, left**2, np.ones(len(left))]
    sums = np.stack([np.bincount(met.therapist, weights=column) for column in columns], axis=1)
    sums = sums[sums[:, -1] > 0]
    draws = np.random.default_rng(seed).multinomial(len(sums), np.full(len(sums), 1 / len(sums)), size=RESAMPLES)
    a, b, ab, aa, bb, n = (draws @ sums).T
    size = np.sqrt(np.maximum((aa - a * a / n) * (bb - b * b / n), 1e-300))
    low, high = np.quantile((ab - a * b / n) / size, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _agreement(left: Floats, known: Floats) -> float:
    spread = float(np.sqrt(known @ known))
    return float(left @ known) / spread if spread > 0 else 0.0


def _swappable(met: Exchange) -> int:
    """How many records have another therapist to swap with."""
    pairs = pd.DataFrame({"stratum": met.stratum, "therapist": met.therapist})
    others = pairs.groupby("stratum")["therapist"].transform("nunique")
    return int((others > 1).sum())
