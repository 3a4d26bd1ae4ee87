"""The features of pairs for scikit-learn: a transformer of ids, and a clinic's training data as X, y and groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from attune_fit.data.arrays import Indices
from attune_fit.data.clinic.settings import Config
from attune_fit.features.feature import Feature
from attune_fit.features.feature_catalogue import list_clinic_features
from attune_fit.features.pair_frame import PairFrame
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.models.feature_scales import fill_scales
from attune_fit.splitters import CLIENT_COLUMN, DATE_COLUMN, ID_COLUMNS, THERAPIST_COLUMN, write_ids_as_text
from attune_fit.training.crossfit.training_outcomes import build_clinic_records, compute_training_outcomes
from attune_fit.training.fitting.outcome_copies import check_outcome_copies

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables


class TrainingData(NamedTuple):
    """The training data of a clinic, as scikit-learn takes it; unpacks as ``X, y, groups``.

    Attributes
    ----------
    X : DataFrame of n rows
        ``client_id`` and ``therapist_id``, then the features of the pair in their own units; NaN where unknown. The ids
        are categories in the order of the tables.
    y : Series of n numbers, 0-100
        Early alliance, POMP of the clinic's main instrument.
    groups : DataFrame of n rows
        ``client_id``, ``therapist_id`` and ``measured_on`` (NaT where unknown), for the splitters.
    """

    X: pd.DataFrame
    y: pd.Series
    groups: pd.DataFrame


def build_training_data(clinic: Clinic, tables: Tables) -> TrainingData:
    """Build X, y and groups from a clinic's early alliance records: the same records that `attune train` uses.

    Parameters
    ----------
    clinic : Clinic
        Its instruments and settings.
    tables : Tables
        From :func:`read_tables`.

    Returns
    -------
    TrainingData
        One row for each episode with an early rating, in the order of the tables. No rows without outcomes.

    Raises
    ------
    DataFault
        If a feature reads a column that holds outcomes.
    """
    features = list_training_features(clinic, tables)
    early = compute_training_outcomes(clinic, tables)
    check_outcome_copies(tables, early, features)
    records = build_clinic_records(clinic, tables, features, early)
    pairs = Pairs.from_rows(records.sides, records.client, records.therapist)
    ids = pd.DataFrame({
        CLIENT_COLUMN: pd.Categorical.from_codes(records.client, pd.Index(tables.clients[CLIENT_COLUMN])),
        THERAPIST_COLUMN: pd.Categorical.from_codes(records.therapist, pd.Index(tables.therapists[THERAPIST_COLUMN])),
    })  # fmt: skip
    values = pd.DataFrame(PairFrame.from_pairs(pairs, features).values, columns=[row.name for row in features])
    y = pd.Series(records.y, name="early_alliance")
    return TrainingData(pd.concat([ids, values], axis=1), y, ids.assign(**{DATE_COLUMN: records.measured_on}))


def list_training_features(clinic: Clinic, tables: Tables) -> tuple[Feature, ...]:
    """List the features of a clinic's training data, custom features included, each with its center and scale.

    ``AllianceRegressor(features=...)`` takes them: then a custom feature has the prior that the clinic declared.
    """
    return fill_scales(list_clinic_features(clinic.config, tables), Sides(tables))


class PairFeatures(TransformerMixin, BaseEstimator):  # type: ignore[misc] # scikit-learn has no types
    """Compute the features of pairs of one clinic: a DataFrame of ids in, named feature columns out.

    Parameters
    ----------
    tables : Tables
        The clinic's tables, from :func:`read_tables`.
    config : Config, optional
        The clinic's settings: its custom features, and features switched off. By default the whole catalogue is used.
    keep_ids : bool, default True
        Whether ``client_id`` and ``therapist_id`` come first in the output. :class:`AllianceRegressor` reads them;
        scikit-learn's own regressors need False.

    Attributes
    ----------
    features_ : tuple of Feature, length p
        The feature of each column, with its center and scale.
    feature_names_in_ : array of shape (2,)
        ``client_id`` and ``therapist_id``.
    n_features_in_ : int
        2.

    Notes
    -----
    The output is a DataFrame in each feature's own unit, with the index of the input and NaN where a feature is
    unknown. ``set_output`` can choose another container.

    Examples
    --------
    >>> from attune_fit.data.synthetic.simulate import simulate
    >>> tables = simulate(5, 2, seed=0).tables
    >>> client_id, therapist_id = tables.clients["client_id"][:2], tables.therapists["therapist_id"]
    >>> pairs = pd.DataFrame({"client_id": client_id, "therapist_id": therapist_id})
    >>> PairFeatures(tables, keep_ids=False).fit_transform(pairs).shape
    (2, 41)
    """

    def __init__(self, tables: Tables, *, config: Config | None = None, keep_ids: bool = True) -> None:
        self.tables = tables
        self.config = config
        self.keep_ids = keep_ids

    def __repr__(self, N_CHAR_MAX: int = 700) -> str:
        return f"PairFeatures({len(self.tables.clients)} clients, {len(self.tables.therapists)} therapists)"

    def fit(self, X: pd.DataFrame, y: Any = None) -> PairFeatures:  # noqa: ARG002
        """Choose the clinic's features, and fill in their scales from the tables.

        Parameters
        ----------
        X : DataFrame of n rows
            ``client_id`` and ``therapist_id``; other columns are ignored.
        y : ignored

        Returns
        -------
        PairFeatures
            Itself.

        Raises
        ------
        ValueError
            If X has no column of ids.
        DataFault
            If the custom features do not fit the tables.
        """
        validate_data(self, _select_ids(X), skip_check_array=True)
        features = list_clinic_features(self.config or Config(), self.tables)
        self._sides = Sides(self.tables)  # computes each column of the tables once, for all calls of transform
        self.features_ = fill_scales(features, self._sides)
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return the features of each pair of X.

        Parameters
        ----------
        X : DataFrame of n rows
            ``client_id`` and ``therapist_id``; other columns are ignored.

        Returns
        -------
        DataFrame of n rows
            Columns as in :meth:`get_feature_names_out`.

        Raises
        ------
        ValueError
            If X has no column of ids, or an id is not in the tables.
        """
        check_is_fitted(self)
        ids = _select_ids(X)
        client_rows = _find_rows(ids[CLIENT_COLUMN], self._sides.tables.clients)
        therapist_rows = _find_rows(ids[THERAPIST_COLUMN], self._sides.tables.therapists)
        pairs = Pairs.from_rows(self._sides, client_rows, therapist_rows)
        names = [feature.name for feature in self.features_]
        values = pd.DataFrame(PairFrame.from_pairs(pairs, self.features_).values, index=ids.index, columns=names)
        return pd.concat([ids, values], axis=1) if self.keep_ids else values

    def get_feature_names_out(self, input_features: Any = None) -> Any:  # noqa: ARG002
        """Return the names of the output's columns, an array of str; ``input_features`` has no effect."""
        check_is_fitted(self)
        ids = ID_COLUMNS if self.keep_ids else []
        return np.array([*ids, *(feature.name for feature in self.features_)], dtype=object)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array, tags.input_tags.string = False, True  # a DataFrame of ids, no array of numbers
        tags.transformer_tags.preserves_dtype = []  # features are float64
        return tags


def _select_ids(X: Any) -> pd.DataFrame:
    """Return the two columns of ids."""
    missing = [column for column in ID_COLUMNS if not isinstance(X, pd.DataFrame) or column not in X]
    if missing:
        raise ValueError(f"PairFeatures needs a DataFrame with {' and '.join(ID_COLUMNS)}; X has no {missing[0]}.")
    ids: pd.DataFrame = X[ID_COLUMNS]
    numbers = [column for column in ID_COLUMNS if pd.api.types.is_numeric_dtype(ids[column])]
    return ids.assign(**{column: write_ids_as_text(ids[column]) for column in numbers})


def _find_rows(ids: pd.Series, table: pd.DataFrame) -> Indices:
    """Return the row of each id in its table."""
    rows = pd.Index(table[ids.name]).get_indexer(pd.Index(write_ids_as_text(ids)))
    unknown = int((rows < 0).sum())
    if unknown:
        raise ValueError(f"{unknown} of {len(ids)} rows have a {ids.name} that is not in the clinic's tables.")
    return np.asarray(rows, dtype=np.intp)
