"""A linear mixed model: a few fixed effects chosen by theory, and a random intercept for the therapist."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Floats
from attune_fit.features.feature_catalogue import FEATURES
from benchmarks.learning.linear import fill_missing
from benchmarks.learning.method_inputs import MethodInputs

FIXED = (  # of the client, then of the pair: one or two of each family, because records are few
    "attachment_avoidance", "interpersonal_problems", "outcome_expectancy",
    "wishes_met", "wishes_unmet", "style_distance", "style_agreement", "problems_covered", "main_problem_covered",
    "background_shared", "faith_shared", "avoidance_warmth", "anxiety_directiveness", "interpersonal_skill",
)  # fmt: skip
MIN_THERAPIST_SHARE = 1e-6  # of the variance; a therapist variance of 0 has no inverse


def score_mixed_model(inputs: MethodInputs) -> Floats:
    """Score by restricted maximum likelihood (statsmodels), mean imputation, and BLUPs of therapists.

    If the therapist variance is 0, or the fit does not converge, the fixed effects are those of least squares.
    """
    columns = [column for column, feature in enumerate(FEATURES) if feature.name in FIXED]
    met, cross = (each[:, : len(FIXED)] for each in fill_missing(*(each[:, columns] for each in inputs.features)))
    varies = met.std(axis=0) > 1e-9
    met, cross = (np.column_stack([np.ones(len(each)), each[:, varies]]) for each in (met, cross))
    fixed, effect = _fit_effects(inputs, met)
    return inputs.reshape_scores(cross @ fixed) + effect


def _fit_effects(inputs: MethodInputs, x: Floats) -> tuple[Floats, Floats]:
    """Return the fixed effects, and the effect of every therapist; 0 for a therapist without records."""
    from statsmodels.regression.mixed_linear_model import MixedLM  # type: ignore[import-untyped]

    effect = np.zeros(inputs.n_therapists)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # with few records, a variance estimate of 0 is expected
        try:
            model = MixedLM(pd.Series(inputs.y), pd.DataFrame(x), groups=inputs.therapist)
            fitted = model.fit(method=["powell"])  # lbfgs can stop at 0 although the variance is positive
            if np.isfinite(fitted.fe_params).all() and fitted.cov_re.iloc[0, 0] > MIN_THERAPIST_SHARE * fitted.scale:
                for therapist, effects in fitted.random_effects.items():
                    effect[int(therapist)] = float(effects.iloc[0])
                return np.asarray(fitted.fe_params, dtype=np.float64), effect
        except (np.linalg.LinAlgError, ValueError):
            pass
    return np.asarray(np.linalg.lstsq(x, inputs.y, rcond=None)[0], dtype=np.float64), effect
