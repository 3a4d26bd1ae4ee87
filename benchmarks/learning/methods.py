"""The methods of the benchmark, one row each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np

from attune_fit.data.arrays import Floats, Indices
from attune_fit.data.clinic.tables import Tables
from benchmarks.learning import attune, baselines, catboost_peers, lightgbm_peers, linear, mixed_model
from benchmarks.learning.benchmark_clinic import BenchmarkClinic, Share
from benchmarks.learning.method_inputs import MethodInputs

ScoreFunction = Callable[[Tables, Indices], Floats]


@dataclass(frozen=True)
class Method:
    """One row of :data:`METHODS`.

    Attributes
    ----------
    name, description : str
    scorer : callable
        Takes the inputs; returns scores of shape (clients, therapists).
    learns : bool
        Whether outcomes change its scores. A method that does not learn is measured once.
    has_starting_model : bool
        Whether a method that learns also has scores without outcomes.
    is_attune : bool
        Whether it is Attune, in whole or in part, and therefore not a peer.
    needs_crossed : bool
        Whether it needs clients who have rated several therapists.
    library : str
        Library that Attune does not depend on; without it the row is omitted.
    """

    name: str
    description: str
    scorer: Callable[[MethodInputs], Floats]
    learns: bool = True
    has_starting_model: bool = False
    is_attune: bool = False
    needs_crossed: bool = False
    library: str = ""

    def score_tables(self, tables: Tables, rows: Indices) -> Floats:
        """Score these clients (rows of ``tables.clients``) with every therapist."""
        return self.compute_scores(MethodInputs(tables, rows))

    def compute_scores(self, inputs: MethodInputs) -> Floats:
        """Score from inputs that are already built; all scores are 0 if there are no outcomes to learn from."""
        if self.learns and not self.has_starting_model and inputs.early.empty:
            return np.zeros(inputs.shape)
        return self.scorer(inputs)

    @property
    def is_installed(self) -> bool:
        """Whether the library it needs is installed."""
        return not self.library or find_spec(self.library) is not None


ATTUNE = "Attune"
_ROWS = (
    Method("chance", "random scores", baselines.score_at_random, learns=False),
    Method("preference count", "wishes honoured minus wishes not honoured", baselines.count_preferences, learns=False),
    Method("hand weights", "published effects as weights", baselines.score_published_weights, learns=False),
    Method("therapist mean", "shrunken by one-way random effects", baselines.score_therapist_means),
    Method("ridge", "pair features and therapists, alpha by cross-validation", linear.score_ridge),
    Method("mixed model", "14 pair features as fixed effects, a random therapist, by REML",
           mixed_model.score_mixed_model),
    Method("LightGBM, raw columns", "codes as categories, tuned by cross-validation", lightgbm_peers.score_raw_columns),
    Method("LightGBM, pair features", "tuned by cross-validation", lightgbm_peers.score_pair_features),
    Method("LightGBM, lambdarank", "pair features, if clients rated several",
           lightgbm_peers.score_lambdarank, needs_crossed=True),
    Method("CatBoost, raw columns", "native categories, trees by held-out clients", catboost_peers.score_raw_columns,
           library="catboost"),
    Method("CatBoost, pair features", "trees by held-out clients", catboost_peers.score_pair_features,
           library="catboost"),
    Method("day 0", "the starting model of a clinic without records",
           baselines.score_starting_model, learns=False, is_attune=True),
    Method(ATTUNE, "the bundle of `attune train`", attune.score_with_attune, has_starting_model=True, is_attune=True),
)  # fmt: skip

METHODS: dict[str, Method] = {row.name: row for row in _ROWS}


def measure_method_share(clinic: BenchmarkClinic, score_tables: ScoreFunction, outcomes: int) -> Share:
    """Return the share of the oracle's gain that a method gets in a clinic after so many outcomes."""
    return clinic.measure_share(score_tables(clinic.build_tables(outcomes), clinic.find_rows(outcomes)))
