"""How often the verdict would find a pair effect: on a clinic's own records, and for planning."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.stats import nct, t

from attune_fit.data.arrays import Floats, Indices
from attune_fit.training.evaluation.cluster_robust import CONFIDENCE_LEVEL
from attune_fit.training.evaluation.permutation_test import run_permutation_test
from attune_fit.training.evaluation.re_pairing import RePairingSample

EFFECT_SIZES = (0.05, 0.10, 0.15, 0.20)  # r of the pair part with what baseline and therapist leave
N_IDEAL_PAIR_PARTS = 4  # ideal pair parts drawn
N_OUTCOME_DRAWS = 100  # outcomes drawn for each
N_POWER_RE_PAIRINGS = 200  # re-pairings tried with each
CASELOAD_IMBALANCE = 1.6  # records of a caseload beyond their share: 1 + CV² of caseloads, in synthetic clinics


def simulate_power(met: RePairingSample, swaps: Sequence[Indices], seed: int = 0) -> tuple[tuple[float, float], ...]:
    """In which share of cases these records would show a pair effect, by its size.

    The clinic's own therapists, clients, caseloads and strata; outcomes and an ideal pair part are drawn anew, and the
    verdict's own two conditions are tried on them.

    Parameters
    ----------
    met : Exchange
    swaps : sequence of int arrays
        From :meth:`RePairingSample.swapped`; the first :data:`N_RE_PAIRINGS` are used.
    seed : int

    Returns
    -------
    tuple of (r, share)
        One for each of :data:`EFFECT_SIZES`; standard error of a share at most .025.

    Notes
    -----
    Ideal means: what is said of a pair is the truth as far as it can be told, of equal worth with every therapist. A
    learned pair part finds less; ``docs/power.md`` says how much less in synthetic clinics.
    """
    rng = np.random.default_rng(seed)
    found: list[Floats] = []
    for _ in range(N_IDEAL_PAIR_PARTS):
        choice = rng.normal(size=met.centered_pair_part.shape)
        choice -= choice.mean(axis=1, keepdims=True)
        own = met.center(choice[np.arange(len(choice)), met.therapist])
        noise = met.center(rng.normal(size=(len(choice), N_OUTCOME_DRAWS)))
        size = own.std()
        left = [r * own[:, None] / size + np.sqrt(1 - r**2) * noise / noise.std() for r in EFFECT_SIZES]
        adds = run_permutation_test(
            met, choice, np.concatenate(left, axis=1), swaps[:N_POWER_RE_PAIRINGS]
        ).has_pair_effect
        found.append(adds.reshape(len(EFFECT_SIZES), N_OUTCOME_DRAWS).mean(axis=1))
    return tuple((r, float(share)) for r, share in zip(EFFECT_SIZES, np.mean(found, axis=0), strict=True))


def compute_power(n: int, r: float, therapists: int, uneven: float = CASELOAD_IMBALANCE) -> float:
    r"""Share of cases in which the verdict would find a pair effect, before there are records.

    Student's t with as many degrees of freedom as the interval has, moved by :math:`\operatorname{atanh}(r) \sqrt{n - m
    - 1}`, where :math:`m` is the number of therapists, whose means are taken out. [1]_

    Parameters
    ----------
    n : int
        Outcome records, one a client.
    r : float in [0, 1)
        Correlation of the pair part with what baseline and therapist leave.
    therapists : int
        With a caseload of their own.
    uneven : float >= 1
        1 + CV² of caseloads; :data:`CASELOAD_IMBALANCE` is that of synthetic clinics.

    Returns
    -------
    float in [0, 1]
        Rises with ``n`` and ``r``. 0.0 where the verdict would not test.

    Notes
    -----
    Compared with simulations of the verdict in ``docs/power.md``. The re-pairing test is taken to agree whenever the
    interval does.

    References
    ----------
    .. [1] Cohen (1988), Statistical power analysis for the behavioral sciences, 2nd ed., chapter 3.

    Examples
    --------
    >>> round(compute_power(1000, 0.10, 40), 2)
    0.85
    """
    spare = n - therapists - 1
    if therapists < 2 or spare < 1:
        return 0.0
    freedom = max((therapists - 1) / uneven, 1.0)
    return float(nct.sf(t.ppf((1 + CONFIDENCE_LEVEL) / 2, freedom), freedom, np.arctanh(r) * np.sqrt(spare)))
