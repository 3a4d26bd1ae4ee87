"""Every method measured: one row each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np

from attune_fit.data.arrays import Floats, Indices
from attune_fit.data.clinic.tables import Tables
from benchmarks.learning import attune, catboost_peers, lightgbm_peers, linear, mixed, simple
from benchmarks.learning.clinic import Clinic, Share
from benchmarks.learning.seen import Seen

Function = Callable[[Tables, Indices], Floats]


@dataclass(frozen=True)
class Method:
    """One row of :data:`METHODS`.

    Attributes
    ----------
    name, says : str
    score : callable
        Takes what may be seen; gives scores of shape (clients, therapists).
    learns : bool
        Whether outcomes move it. One that does not learn is measured once.
    starts : bool
        Of one that learns, whether it also says something without outcomes.
    ours : bool
        Whether it is Attune itself, in whole or in part, and so no peer of it.
    crossed : bool
        Whether it needs clients who have rated several therapists.
    needs : str
        Library that Attune does not depend on; the row is left out where that is missing.
    """

    name: str
    says: str
    score: Callable[[Seen], Floats]
    learns: bool = True
    starts: bool = False
    ours: bool = False
    crossed: bool = False
    needs: str = ""

    def function(self, tables: Tables, rows: Indices) -> Floats:
        """Scores of these clients (rows of ``tables.clients``) with every therapist."""
        return self.scores(Seen(tables, rows))

    def scores(self, seen: Seen) -> Floats:
        """The same of what is built already; all alike where there is nothing to learn from yet."""
        if self.learns and not self.starts and seen.early.empty:
            return np.zeros(seen.shape)
        return self.score(seen)

    @property
    def here(self) -> bool:
        """Whether the library it needs is installed."""
        return not self.needs or find_spec(self.needs) is not None


ATTUNE = "Attune"
_ROWS = (
    Method("chance", "lots", simple.at_random, learns=False),
    Method("preference count", "wishes honoured less wishes not", simple.preference_count, learns=False),
    Method("hand weights", "published effects as weights", simple.hand_weights, learns=False),
    Method("therapist mean", "shrunken by one-way random effects", simple.therapist_mean),
    Method("ridge", "pair features and therapists, alpha by cross-validation", linear.ridge),
    Method("mixed model", "14 pair features as fixed effects, a random therapist, by REML", mixed.mixed_model),
    Method("LightGBM, raw columns", "codes as categories, tuned by cross-validation", lightgbm_peers.on_raw_columns),
    Method("LightGBM, pair features", "tuned by cross-validation", lightgbm_peers.on_pair_features),
    Method("LightGBM, lambdarank", "pair features, where clients rated several", lightgbm_peers.ranked, crossed=True),
    Method("CatBoost, raw columns", "categories of its own, trees by held-out clients", catboost_peers.on_raw_columns,
           needs="catboost"),
    Method("CatBoost, pair features", "trees by held-out clients", catboost_peers.on_pair_features, needs="catboost"),
    Method("day 0", "the bundle a clinic without records starts from", simple.as_shipped, learns=False, ours=True),
    Method(ATTUNE, "what `attune train` makes", attune.trained, starts=True, ours=True),
)  # fmt: skip

METHODS: dict[str, Method] = {row.name: row for row in _ROWS}


def share(clinic: Clinic, function: Function, outcomes: int) -> Share:
    """What a method gains in a clinic after so many outcomes, as shares of what an oracle gains."""
    return clinic.share(function(clinic.at(outcomes), clinic.rows(outcomes)))
