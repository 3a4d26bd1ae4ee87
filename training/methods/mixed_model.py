"""A linear mixed model: a few fixed effects chosen by theory, and a random intercept for the therapist."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Floats, Indices
from attune_fit.features.pairs import Pairs
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.methods.recipe_rows import PairScorer

FIXED_EFFECTS = (  # of the client, then of the pair: one or two of each family, because records are few
    "attachment_avoidance", "interpersonal_problems", "outcome_expectancy",
    "wishes_met", "wishes_unmet", "style_distance", "style_agreement", "problems_covered", "main_problem_covered",
    "background_wish", "faith_wish", "avoidance_warmth", "anxiety_directiveness", "interpersonal_skill",
)  # fmt: skip
MIN_VARIATION = 1e-9  # a fixed effect with a smaller standard deviation has no estimate
MIN_THERAPIST_SHARE = 1e-6  # of the variance; a therapist variance of 0 has no inverse


def fit_mixed_model(records: TrainingDataset, rows: Indices, seed: int) -> PairScorer:
    """Return the scorer of restricted maximum likelihood (statsmodels) with BLUPs of therapists, POMP.

    Unknown cells become the mean of the records. If the therapist variance is 0, or the fit does not converge, the
    fixed effects are those of least squares.
    """
    from sklearn.impute import SimpleImputer

    columns = np.flatnonzero([feature.name in FIXED_EFFECTS for feature in records.features])
    imputer = SimpleImputer(keep_empty_features=True)
    met = records.standardised_features[rows][:, columns]
    x = np.asarray(imputer.fit_transform(met), dtype=float) if len(columns) else met  # it refuses a table of no columns
    varies = x.std(axis=0) > MIN_VARIATION
    x = np.column_stack([np.ones(len(rows)), x[:, varies]])
    fixed, effect = _fit_effects(x, records.y[rows], records.therapist[rows], len(records.therapist_ids))

    def score(pairs: Pairs, standard: Floats) -> Floats:
        shape = standard.shape[:-1]
        cells = standard[..., columns].reshape(int(np.prod(shape)), len(columns))
        filled = np.asarray(imputer.transform(cells), dtype=float)[:, varies] if len(columns) else cells
        linear = np.column_stack([np.ones(len(cells)), filled]) @ fixed
        return np.asarray(linear.reshape(shape) + effect[np.broadcast_to(pairs.therapist_rows, shape)])

    return score


def _fit_effects(x: Floats, y: Floats, therapist: Indices, n_therapists: int) -> tuple[Floats, Floats]:
    """Return the fixed effects, and the effect of every therapist; 0 for a therapist without records."""
    from statsmodels.regression.mixed_linear_model import MixedLM  # type: ignore[import-untyped]

    effect = np.zeros(n_therapists)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # with few records, a variance estimate of 0 is expected
        try:
            model = MixedLM(pd.Series(y), pd.DataFrame(x), groups=therapist)
            fitted = model.fit(method=["powell"])  # lbfgs can stop at 0 although the variance is positive
            if np.isfinite(fitted.fe_params).all() and fitted.cov_re.iloc[0, 0] > MIN_THERAPIST_SHARE * fitted.scale:
                for row, effects in fitted.random_effects.items():
                    effect[int(row)] = float(effects.iloc[0])
                return np.asarray(fitted.fe_params, dtype=np.float64), effect
        except (np.linalg.LinAlgError, ValueError):
            pass
    return np.asarray(np.linalg.lstsq(x, y, rcond=None)[0], dtype=np.float64), effect
