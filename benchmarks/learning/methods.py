"""The methods of the benchmark, one row each: the rows of MODELS, and peers that only the benchmark measures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec

import numpy as np

from attune_fit.data.arrays import Floats, Indices
from attune_fit.data.clinic.tables import Tables
from attune_fit.training.methods.model_catalogue import DEFAULT_MODEL, MODELS, ModelRow
from benchmarks.learning import catboost_peers, lightgbm_peers
from benchmarks.learning.attune import score_with_attune, score_with_row
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


def score_at_random(inputs: MethodInputs) -> Floats:
    """Return random scores."""
    return np.random.default_rng(len(inputs.early)).standard_normal(inputs.shape)


def build_method(row: ModelRow) -> Method:
    """Build the method of a row of :data:`MODELS`: the bundle of `attune train`, or the scorer of the comparison."""
    scorer = score_with_attune if row.is_trainable else score_with_row
    return Method(row.title, row.description, partial(scorer, row=row), row.learns, row.is_trainable, row.is_attune)


ATTUNE = MODELS[DEFAULT_MODEL].title
# Peers alone: they are in no table but this one.
_PEERS = (
    Method("LightGBM, raw columns", "codes as categories, tuned by cross-validation", lightgbm_peers.score_raw_columns),
    Method("LightGBM, pair features", "tuned by cross-validation", lightgbm_peers.score_pair_features),
    Method("LightGBM, lambdarank", "pair features, if clients rated several",
           lightgbm_peers.score_lambdarank, needs_crossed=True),
    Method("CatBoost, raw columns", "native categories, trees by held-out clients", catboost_peers.score_raw_columns,
           library="catboost"),
    Method("CatBoost, pair features", "trees by held-out clients", catboost_peers.score_pair_features,
           library="catboost"),
)  # fmt: skip
_ROWS = (
    Method("chance", "random scores", score_at_random, learns=False),
    *(build_method(row) for row in MODELS.values() if not row.is_attune),
    *_PEERS,
    *(build_method(row) for row in reversed(MODELS.values()) if row.is_attune),  # Attune itself is the last line
)

METHODS: dict[str, Method] = {row.name: row for row in _ROWS}


def measure_method_share(clinic: BenchmarkClinic, score_tables: ScoreFunction, outcomes: int) -> Share:
    """Return the share of the oracle's gain that a method gets in a clinic after so many outcomes."""
    return clinic.measure_share(score_tables(clinic.build_tables(outcomes), clinic.find_rows(outcomes)))
