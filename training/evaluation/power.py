"""Statistical power: how often the verdict would find a pair effect, for a clinic's own records and for planning."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from attune_fit.data.arrays import Floats, Indices
from attune_fit.training.evaluation.cluster_robust import CONFIDENCE_LEVEL
from attune_fit.training.evaluation.permutation_test import run_permutation_test
from attune_fit.training.evaluation.re_pairing import RePairingSample

EFFECT_SIZES = (0.05, 0.10, 0.15, 0.20)  # r of the pair part with outcome minus baseline and therapist
N_IDEAL_PAIR_PARTS = 4  # simulated ideal pair parts
N_OUTCOME_DRAWS = 100  # simulated outcomes for each pair part and effect size
N_POWER_RE_PAIRINGS = 200  # re-pairings in each test
CASELOAD_IMBALANCE = 1.6  # 1 + CV² of caseloads, in synthetic clinics; 1 means equal caseloads


def simulate_power(
    sample: RePairingSample, re_pairings: Sequence[Indices], seed: int = 0
) -> tuple[tuple[float, float], ...]:
    """Return the share of simulations in which these records would show a pair effect, for each effect size.

    The simulation keeps the clinic's own therapists, clients, caseloads and strata. It draws an ideal pair part and
    outcomes, and applies the two conditions of the verdict.

    Parameters
    ----------
    sample : RePairingSample
    re_pairings : sequence of int arrays
        From :meth:`RePairingSample.draw_re_pairings`; the first :data:`N_POWER_RE_PAIRINGS` are used.
    seed : int

    Returns
    -------
    tuple of (r, share)
        One for each of :data:`EFFECT_SIZES`; standard error of a share at most .025.

    Notes
    -----
    This is an upper limit. The ideal pair part is the true effect as far as it can be known, equally good for every
    therapist. A learned pair part finds less; ``docs/power.md`` shows how much less in synthetic clinics.
    """
    rng = np.random.default_rng(seed)
    shares: list[Floats] = []
    for _ in range(N_IDEAL_PAIR_PARTS):
        pair_part = rng.normal(size=sample.centered_pair_part.shape)
        pair_part -= pair_part.mean(axis=1, keepdims=True)
        observed = sample.center(pair_part[np.arange(len(pair_part)), sample.therapist])
        noise = sample.center(rng.normal(size=(len(pair_part), N_OUTCOME_DRAWS)))
        signal_sd = observed.std()
        residuals = np.concatenate(
            [r * observed[:, None] / signal_sd + np.sqrt(1 - r**2) * noise / noise.std() for r in EFFECT_SIZES], axis=1
        )
        result = run_permutation_test(sample, pair_part, residuals, re_pairings[:N_POWER_RE_PAIRINGS])
        shares.append(result.has_pair_effect.reshape(len(EFFECT_SIZES), N_OUTCOME_DRAWS).mean(axis=1))
    return tuple((r, float(share)) for r, share in zip(EFFECT_SIZES, np.mean(shares, axis=0), strict=True))


def compute_power(n: int, r: float, therapists: int, caseload_imbalance: float = CASELOAD_IMBALANCE) -> float:
    r"""Return the power of the verdict for a planned number of records, as a share.

    Student's t with as many degrees of freedom as the interval has, moved by :math:`\operatorname{atanh}(r) \sqrt{n - m
    - 1}`, where :math:`m` is the number of therapists, because each therapist's mean is removed. [1]_

    Parameters
    ----------
    n : int
        Outcome records, one for each client.
    r : float in [0, 1)
        Correlation of the pair part with outcome minus baseline and therapist.
    therapists : int
        Therapists with a caseload.
    caseload_imbalance : float >= 1
        1 + CV² of caseloads; :data:`CASELOAD_IMBALANCE` is that of synthetic clinics.

    Returns
    -------
    float in [0, 1]
        Rises with ``n`` and ``r``. 0.0 where the verdict would not test.

    Notes
    -----
    ``docs/power.md`` compares it with simulations of the verdict. The formula assumes that the re-pairing test agrees
    whenever the interval does.

    References
    ----------
    .. [1] Cohen (1988), Statistical power analysis for the behavioral sciences, 2nd ed., chapter 3.

    Examples
    --------
    >>> round(compute_power(1000, 0.10, 40), 2)
    0.85
    """
    from scipy.stats import nct, t  # only planning needs it: its import takes longer than a small training's tests

    residual_records = n - therapists - 1
    if therapists < 2 or residual_records < 1:
        return 0.0
    freedom = max((therapists - 1) / caseload_imbalance, 1.0)
    critical = t.ppf((1 + CONFIDENCE_LEVEL) / 2, freedom)
    return float(nct.sf(critical, freedom, np.arctanh(r) * np.sqrt(residual_records)))
