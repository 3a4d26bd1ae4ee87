"""A mixed model as a researcher would fit it: a few fixed effects with a theory behind them, a random therapist."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Floats
from attune_fit.features.catalogue import FEATURES
from benchmarks.learning.linear import filled
from benchmarks.learning.seen import Seen

FIXED = (  # of the client, then of the pair: one or two of each family, so that a few hundred records carry them
    "attachment_avoidance", "interpersonal_problems", "outcome_expectancy",
    "wishes_met", "wishes_unmet", "style_distance", "style_agreement", "problems_covered", "main_problem_covered",
    "background_shared", "faith_shared", "avoidance_warmth", "anxiety_directiveness", "interpersonal_skill",
)  # fmt: skip
LEAST_SHARE = 1e-6  # of the variance; a therapist variance of exactly 0 has no inverse


def mixed_model(seen: Seen) -> Floats:
    """Restricted maximum likelihood by statsmodels; holes filled with the mean; best linear predictions of therapists.

    Where the therapists' variance comes out as 0, or nothing converges, the fixed effects are those of least squares.
    """
    chosen = [column for column, feature in enumerate(FEATURES) if feature.name in FIXED]
    met, cross = (each[:, : len(FIXED)] for each in filled(*(each[:, chosen] for each in seen.features)))
    varies = met.std(axis=0) > 1e-9
    met, cross = (np.column_stack([np.ones(len(each)), each[:, varies]]) for each in (met, cross))
    fixed, effect = _fitted(seen, met)
    return seen.everyone(cross @ fixed) + effect


def _fitted(seen: Seen, x: Floats) -> tuple[Floats, Floats]:
    """Fixed effects, and the effect of every therapist: 0 for one nobody has met."""
    from statsmodels.regression.mixed_linear_model import MixedLM  # type: ignore[import-untyped]

    effect = np.zeros(seen.therapists)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a variance at the edge of its range is expected where there are few records
        try:
            model = MixedLM(pd.Series(seen.y), pd.DataFrame(x), groups=seen.therapist)
            done = model.fit(method=["powell"])  # lbfgs runs into a variance of 0 where there is one to find
            if np.isfinite(done.fe_params).all() and done.cov_re.iloc[0, 0] > LEAST_SHARE * done.scale:
                for therapist, found in done.random_effects.items():
                    effect[int(therapist)] = float(found.iloc[0])
                return np.asarray(done.fe_params, dtype=np.float64), effect
        except (np.linalg.LinAlgError, ValueError):
            pass
    return np.asarray(np.linalg.lstsq(x, seen.y, rcond=None)[0], dtype=np.float64), effect
