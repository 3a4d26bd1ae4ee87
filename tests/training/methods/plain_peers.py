"""Peers of the verdict by scikit-learn and statsmodels: the plain versions, and outside authorities."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from statsmodels.regression.mixed_linear_model import MixedLM  # type: ignore[import-untyped]

from attune_fit.data.arrays import Floats, Indices
from attune_fit.training.methods.mixed_model import MIN_THERAPIST_SHARE
from attune_fit.training.methods.ridge_regression import ALPHAS


def build_ridge_pipeline(n_features: int, n_therapists: int, folds: list[tuple[Indices, Indices]]) -> Any:
    """Build the pipeline: mean imputation with missing-value indicators, standard scale, and ridge.

    The first columns are the features, NaN where unknown; the last column is the therapist's row. Alpha has the lowest
    mean squared error over the folds; without folds it is chosen by leave-one-out.
    """
    features = SimpleImputer(add_indicator=True, keep_empty_features=True)
    therapist = OneHotEncoder(categories=[np.arange(float(n_therapists))], sparse_output=False)
    columns = ColumnTransformer([("features", features, np.arange(n_features)), ("therapist", therapist, [n_features])])
    ridge = RidgeCV(ALPHAS, cv=folds, scoring="neg_mean_squared_error") if folds else RidgeCV(ALPHAS, gcv_mode="svd")
    return make_pipeline(columns, StandardScaler(), ridge)


def fit_effects_plainly(x: Floats, y: Floats, therapist: Indices, n_therapists: int) -> tuple[Floats, Floats]:
    """Return fixed effects and the effect of every therapist by the mixed model of statsmodels, or least squares."""
    effect = np.zeros(n_therapists)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # with few records, a variance estimate of 0 is expected
        try:
            fitted = MixedLM(pd.Series(y), pd.DataFrame(x), groups=therapist).fit(method=["powell"])
            if np.isfinite(fitted.fe_params).all() and fitted.cov_re.iloc[0, 0] > MIN_THERAPIST_SHARE * fitted.scale:
                for row, effects in fitted.random_effects.items():
                    effect[int(row)] = float(effects.iloc[0])
                return np.asarray(fitted.fe_params, dtype=np.float64), effect
        except (np.linalg.LinAlgError, ValueError):
            pass
    return np.asarray(np.linalg.lstsq(x, y, rcond=None)[0], dtype=np.float64), effect
