"""Attune's model as a scikit-learn regressor: the engine of training, with ``fit`` and ``predict``."""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal, overload

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from attune_fit.data.arrays import Floats, Indices
from attune_fit.data.clinic.tables import Tables, complete_columns
from attune_fit.features.feature import Feature
from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.features.pair_frame import PairFrame
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.models.active_model import load_starting_model
from attune_fit.models.alliance_model import AllianceModel, ScoreParts
from attune_fit.models.feature_migration import migrate_model
from attune_fit.models.feature_scales import fill_scale, fill_typical
from attune_fit.models.trees import TreeHyperparameters
from attune_fit.models.weight_posterior import build_prior
from attune_fit.splitters import (
    CLIENT_COLUMN,
    ID_COLUMNS,
    THERAPIST_COLUMN,
    choose_seed,
    encode_groups,
    write_ids_as_text,
)
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.pipeline import Recipe
from attune_fit.training.crossfit.splits import split_records
from attune_fit.training.methods.tree_weight import choose_recipe

PRIORS = ("starting", "published")
LARGEST_ITEM = 7  # points; no questionnaire in the catalogue of instruments has a larger mean item
UNKNOWN_THERAPIST = "\0"  # no id of a table can be this
N_TREE_FOLDS = 5  # folds by client that set the weights of the trees, as in training


class AllianceRegressor(RegressorMixin, BaseEstimator):  # type: ignore[misc] # scikit-learn has no types
    r"""Predict expected early alliance, in POMP: Attune's linear mixed model with informative priors.

    :math:`y = x'w + u_t + e`, with weights :math:`w` at their prior, therapist effects
    :math:`u_t \sim N(0, \tau^2)` and residuals :math:`e \sim N(0, \sigma^2)`; see :func:`fit_posterior`. With
    ``trees=True`` trees are added, at weights that the stacker sets from held-back records.

    Appropriate for outcomes in POMP (0-100) from some tens of records on; the priors carry the model where records are
    few.

    Parameters
    ----------
    features : sequence of Feature, optional
        Features beyond Attune's catalogue, such as :func:`list_training_features` lists. A column of X that has the
        name of a feature gets its center, scale, sign constraint and prior. Any other column is scaled by its own mean
        and SD, and has a neutral prior.
    prior : {"starting", "published"}, default "starting"
        Prior of the weights: of the starting model, as in training, or the published statistics alone.
    neutral_prior_sd : float, default 0.5
        SD of a neutral prior, whose mean is 0: SDs of early alliance for one SD of the column.
    trees : bool, default False
        Whether to add trees. They read columns that are not client features, and products of a client's and a
        therapist's feature. The weights come from the stacker, see :mod:`stacker`.
    random_state : int, RandomState or None, default 0
        Decides the inner folds and the columns of each tree; without effect when ``trees`` is False.

    Attributes
    ----------
    coef_ : array of shape (p,)
        POMP for one unit of each column. Without trees and missing values, ``predict`` is ``X @ coef_ + intercept_``
        plus the therapist's effect.
    intercept_ : float
        POMP.
    therapist_effects_ : Series
        Effect of each therapist with records, POMP, by id; empty without ids. It is shrunk, and no league table.
    sigma_, tau_ : float
        SD of the residuals, and SD of the therapist effects; POMP.
    model_ : AllianceModel
        The fitted model of the engine.
    n_features_in_ : int
        Number p of columns without the ids.
    feature_names_in_ : array of shape (p,)
        Their names, if X is a DataFrame.

    Notes
    -----
    Missing values of X are allowed: such a value counts as typical and adds uncertainty. An array X, or a DataFrame
    without ``therapist_id``, has no therapist effects: each record then counts as one of an unknown therapist.
    Predictions are not clipped to 0-100.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> therapist = rng.permutation(["t1", "t2"] * 100)
    >>> X = pd.DataFrame({"client_id": range(200), "therapist_id": therapist, "style_distance": rng.uniform(0, 4, 200)})
    >>> y = 80 - 3 * X["style_distance"] + np.where(therapist == "t1", 4, -4) + rng.normal(0, 5, 200)
    >>> model = AllianceRegressor().fit(X, y)
    >>> model.therapist_effects_.round().to_dict()
    {'t1': 4.0, 't2': -4.0}
    >>> new = pd.DataFrame({"therapist_id": ["t1", "t2", "t9"], "style_distance": [1.0, 1.0, 1.0]})
    >>> mean, sd = model.predict(new, return_std=True)
    >>> bool(mean[0] > mean[2] > mean[1]), bool(sd[2] > sd[0])
    (True, True)
    """

    def __init__(
        self,
        *,
        features: Sequence[Feature] | None = None,
        prior: str = "starting",
        neutral_prior_sd: float = 0.5,
        trees: bool = False,
        random_state: Any = 0,
    ) -> None:
        self.features = features
        self.prior = prior
        self.neutral_prior_sd = neutral_prior_sd
        self.trees = trees
        self.random_state = random_state

    def fit(self, X: Any, y: Any, groups: pd.DataFrame | None = None) -> AllianceRegressor:
        """Fit the model.

        Parameters
        ----------
        X : DataFrame or array of shape (n, p)
            Features in their own units; NaN where unknown, which counts as the mean of the column. A DataFrame can also
            hold ``client_id`` and ``therapist_id``.
        y : array of shape (n,)
            Early alliance, POMP (0-100).
        groups : DataFrame of n rows, optional
            Holds ``client_id`` and ``therapist_id``; by default they are read from X. Missing ids are allowed.

        Returns
        -------
        AllianceRegressor
            Itself.

        Raises
        ------
        ValueError
            If X or y cannot be used, or a parameter has a value that does not exist.

        Warns
        -----
        UserWarning
            If y of records with therapists looks like points of a questionnaire, not POMP.
        """
        if self.prior not in PRIORS:
            raise ValueError(f"prior is {self.prior!r}; it must be one of {', '.join(map(repr, PRIORS))}.")
        if not self.neutral_prior_sd > 0:
            raise ValueError(f"neutral_prior_sd is {self.neutral_prior_sd!r}; it must be above 0.")
        cells, client, therapist = _separate_ids(X, groups)
        if therapist is not None:
            _warn_of_points(y)
        values, y = validate_data(
            self, cells, y, dtype=np.float64, ensure_all_finite="allow-nan", y_numeric=True, multi_output=False
        )
        features = self._describe_columns(values)
        client_rows, _ = _number_groups(client, len(y))
        therapist_rows, therapist_ids = _number_groups(therapist, len(y))
        records = _build_dataset(features, values, np.asarray(y, dtype=float), client_rows, therapist_rows)
        model = self._choose_recipe(records).fit(records, np.arange(len(y)))

        effects = model.therapists  # the first rows are the therapists with an id, the others are unknown
        n_known = len(therapist_ids)
        named = replace(effects, ids=tuple(map(str, therapist_ids)), effect=effects.effect[:n_known],
                        lean=effects.lean[:n_known], own=effects.own[:n_known])  # fmt: skip
        self.model_: AllianceModel = replace(model, therapists=named, n_outcomes=len(y))
        self.therapist_effects_ = pd.Series(named.effect, index=therapist_ids, name="effect")
        scale = np.array([feature.scale for feature in features])
        center = np.array([feature.center for feature in features])
        self.coef_: Floats = model.evidence.mean[1:] / scale
        self.intercept_ = model.intercept - float(self.coef_ @ center)
        self.sigma_, self.tau_ = model.evidence.sigma, float(np.sqrt(effects.tau2))
        return self

    @overload
    def predict(self, X: Any, return_std: Literal[False] = False) -> Floats: ...

    @overload
    def predict(self, X: Any, return_std: Literal[True]) -> tuple[Floats, Floats]: ...

    def predict(self, X: Any, return_std: bool = False) -> Floats | tuple[Floats, Floats]:
        """Predict expected early alliance.

        Parameters
        ----------
        X : DataFrame or array of shape (n, p)
            The columns of ``fit``; a DataFrame can hold ``therapist_id``. A therapist without records has effect 0 and
            more uncertainty.
        return_std : bool, default False
            Whether to return the standard deviation of the expectation too; one rating varies more, by ``sigma_``.

        Returns
        -------
        array of shape (n,), or two such arrays
            Expected alliance, and with ``return_std`` its standard deviation; POMP.
        """
        parts = self._compute_parts(X)
        return (parts.score, parts.sd) if return_std else parts.score

    def _compute_parts(self, X: Any) -> ScoreParts:
        """Return the parts of the score of each row of X."""
        check_is_fitted(self)
        cells, _, therapist = _separate_ids(X, None)
        values = validate_data(self, cells, dtype=np.float64, ensure_all_finite="allow-nan", reset=False)
        rows = np.full(len(values), len(self.therapist_effects_))
        if therapist is not None:
            position = self.therapist_effects_.index.get_indexer(pd.Index(write_ids_as_text(therapist)))
            rows = np.where(position >= 0, position, rows)
        roster = [*self.model_.therapists.ids, UNKNOWN_THERAPIST]
        standard = PairFrame(self.model_.features, np.asarray(values)).standardize()
        return self.model_.compute_parts_from_features(standard, roster, rows)

    def _describe_columns(self, values: Floats) -> tuple[Feature, ...]:
        """Return the feature of each column of X: from the catalogue by its name, or with a neutral prior."""
        names = getattr(self, "feature_names_in_", [f"x{column}" for column in range(values.shape[1])])
        known = {feature.name: feature for feature in (*FEATURES, *(self.features or ()))}
        return tuple(
            fill_typical(fill_scale(known.get(str(name)) or self._build_neutral_feature(str(name)), cells), cells)
            for name, cells in zip(names, values.T, strict=True)
        )

    def _build_neutral_feature(self, name: str) -> Feature:
        """Return the feature of a column about which nothing is published; X gives its center and scale."""
        return Feature(name, "declared", "pair", (), (), _refuse_pairs, "free", float("nan"), float("nan"), name,
                       spread=self.neutral_prior_sd)  # fmt: skip

    def _choose_recipe(self, records: TrainingDataset) -> Recipe:
        """Return the recipe of the engine for these parameters."""
        start = migrate_model(load_starting_model(), records.features)
        prior = start.evidence if self.prior == "starting" else build_prior(records.features)
        seed = choose_seed(self.random_state)
        recipe = Recipe(prior=prior, seed=seed)
        if not self.trees:
            return recipe
        folds = split_records("client", records, N_TREE_FOLDS, seed)
        return choose_recipe(records, folds, recipe, TreeHyperparameters())[0]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags


def _warn_of_points(y: Any) -> None:
    """Warn if y lies within the points of a questionnaire: then the priors, which are in POMP, are far too wide."""
    values = pd.to_numeric(pd.Series(np.asarray(y).ravel()), errors="coerce")
    if len(values) and values.max() <= LARGEST_ITEM:
        message = f"y is POMP (0-100), and its largest value is {values.max():g}: are these points of a questionnaire?"
        warnings.warn(message, UserWarning, stacklevel=3)


def _separate_ids(X: Any, groups: Any) -> tuple[Any, pd.Series | None, pd.Series | None]:
    """Return the feature columns of X, and the client and therapist ids of each row; None where there are none."""
    if groups is not None and not isinstance(groups, pd.DataFrame):
        raise ValueError(f"groups must be a DataFrame with {CLIENT_COLUMN} and {THERAPIST_COLUMN}.")
    if groups is not None and len(groups) != len(X):
        raise ValueError(f"groups has {len(groups)} rows, X has {len(X)}.")
    is_frame = isinstance(X, pd.DataFrame)
    source = groups if groups is not None else X if is_frame else pd.DataFrame()
    ids = [source.get(column) for column in ID_COLUMNS]
    cells = X.drop(columns=[column for column in ID_COLUMNS if column in X]) if is_frame else X
    if is_frame and not len(cells.columns):
        raise ValueError("X has no feature column.")
    return cells, ids[0], ids[1]


def _number_groups(ids: pd.Series | None, n: int) -> tuple[Indices, pd.Index]:
    """Return a row for each record, and the ids of the first rows; a missing id gets a row of its own after them."""
    if ids is None:
        return np.arange(n), pd.Index([], dtype="str")
    codes = encode_groups(ids)
    is_known = codes >= 0
    _, first, rows = np.unique(codes[is_known], return_index=True, return_inverse=True)
    numbers = np.empty(n, dtype=np.intp)
    numbers[is_known] = rows
    numbers[~is_known] = len(first) + np.arange(n - int(is_known.sum()))
    known = write_ids_as_text(ids[is_known].iloc[first])
    return numbers, pd.Index(known.to_list(), dtype="str")


def _build_dataset(
    features: tuple[Feature, ...], values: Floats, y: Floats, client: Indices, therapist: Indices
) -> TrainingDataset:
    """Return the engine's records of some rows of X: its tables hold nothing but ids."""
    clients = pd.DataFrame({CLIENT_COLUMN: np.arange(client.max() + 1).astype(str)})
    therapists = pd.DataFrame({THERAPIST_COLUMN: np.arange(therapist.max() + 1).astype(str)})
    no_rows = pd.DataFrame()
    tables = Tables(
        clients=clients,
        therapists=therapists,
        preferences=complete_columns("preferences", no_rows),
        outcomes=complete_columns("outcomes", no_rows),
        conflicts=complete_columns("conflicts", no_rows),
        as_of=dt.date.min,
    )
    measured_on = np.full(len(y), np.datetime64("NaT", "D"))
    standard = PairFrame(features, values).standardize()
    return TrainingDataset(Sides(tables), features, client, therapist, y, measured_on, standard)


def _refuse_pairs(pairs: Pairs) -> Floats:
    """Refuse to compute a column of X from tables."""
    raise NotImplementedError(f"a column of X has no rule that computes it for pairs of shape {pairs.shape}")
