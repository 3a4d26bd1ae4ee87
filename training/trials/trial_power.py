"""Power of a planned trial by simulation: whole trials with their looks, outcomes drawn as the clinic's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.special import ndtri

from attune_fit.data.arrays import Floats, Indices
from attune_fit.training.trials.allocation import draw_arms
from attune_fit.training.trials.arm_difference import convert_to_t
from attune_fit.training.trials.stopping_rule import compute_boundaries, list_planned_looks
from attune_fit.training.trials.trial_plan import TrialPlan

DrawOutcomes = Callable[[np.random.Generator, Indices, float], Floats]

N_RUNS = 4_000  # Monte Carlo standard error of a power of .80: .006
MIN_OWN_OUTCOMES = 50  # outcomes of the clinic from which their distribution is drawn
MAX_RUNS = 100_000
MAX_CELLS = 5_000_000  # runs times outcomes that are in memory at once
MAX_DRAWN_ARMS = 1_000_000  # of large trials, fewer sequences are drawn
N_SEQUENCES = 200  # allocations that the runs take in turn; outcomes are new in each
DROPOUT_RATE = 0.197  # without records: Swift & Greenberg 2012, doi:10.1037/a0028226


@dataclass(frozen=True)
class TrialPower:
    """What simulated trials of a plan came to.

    Attributes
    ----------
    effect : float
        True difference of the arms in the simulation, in SD of the outcome.
    power, error : float
        Share of trials that reject, and its Monte Carlo standard error.
    null_rate, null_error : float
        The same without a true difference: the rate of false alarms.
    mean_outcomes : float
        Outcomes at the stop, mean over the trials with a true difference.
    stops : tuple of float
        Share of the trials with a true difference that reject at each look.
    wrong_sign : float
        Share of the rejections whose estimate has the wrong sign (type S).
    exaggeration : float
        Mean of the absolute estimate over the rejections, divided by the true difference (type M); NaN without one.
    n_for_80 : int or None
        Outcomes at the last look that would give a power of .80, by the normal approximation; None above a million.
    sd : float
        SD of the outcome in its own unit, from the clinic's records; NaN where they are too few.
    n_runs : int
    drawn_from : str
        ``records`` of the clinic; where they are too few ``normal``, or ``published`` (the mean dropout rate of a
        meta-analysis).
    """

    effect: float
    power: float
    error: float
    null_rate: float
    null_error: float
    mean_outcomes: float
    stops: tuple[float, ...]
    wrong_sign: float
    exaggeration: float
    n_for_80: int | None
    sd: float
    n_runs: int
    drawn_from: str

    def to_dict(self) -> dict[str, Any]:
        """Return the figures in the types of JSON; None where there is none."""
        return {name: None if isinstance(value, float) and np.isnan(value) else value
                for name, value in asdict(self).items()}  # fmt: skip


def simulate_trials(
    plan: TrialPlan,
    outcomes: Floats | None = None,
    seed: int = 1,
    n_runs: int = N_RUNS,
    report_progress: Callable[[str], None] | None = None,
) -> TrialPower:
    """Simulate whole trials of a plan with its smallest effect, and without any.

    Parameters
    ----------
    plan : TrialPlan
    outcomes : array, optional
        Outcomes of the clinic's records, in their own unit; fewer than :data:`MIN_OWN_OUTCOMES` are not used.
    seed : int
    n_runs : int
    report_progress : callable, optional
        Receives the name of each step.
    """
    own = None if outcomes is None or len(outcomes) < MIN_OWN_OUTCOMES else np.asarray(outcomes, dtype=float)
    sd = float(np.std(own, ddof=1)) if own is not None else np.nan
    own = own if own is not None and sd > 0 else None
    draw = _choose_draw(plan, own, sd)
    generator = np.random.default_rng(seed)
    report = report_progress or (lambda _: None)
    report(f"simulating {n_runs:,} trials with the smallest effect")
    planted = run_trials(plan, plan.smallest_effect, n_runs, generator, draw)
    report(f"simulating {n_runs:,} trials without an effect")
    null = run_trials(plan, 0.0, n_runs, generator, draw)
    power, null_rate = planted.rejects.mean(), null.rejects.mean()
    found = planted.estimate[planted.rejects]
    return TrialPower(
        effect=plan.smallest_effect,
        power=float(power),
        error=_compute_error(power, n_runs),
        null_rate=float(null_rate),
        null_error=_compute_error(null_rate, n_runs),
        mean_outcomes=float(planted.n_outcomes.mean()),
        stops=tuple(float(np.mean(planted.rejects & (planted.look == look))) for look in range(len(plan.all_looks))),
        wrong_sign=float(np.mean(found < 0)) if len(found) else np.nan,
        exaggeration=float(np.mean(np.abs(found)) / plan.smallest_effect) if len(found) else np.nan,
        n_for_80=estimate_outcomes_needed(plan),
        sd=sd,
        n_runs=n_runs,
        drawn_from="records" if own is not None else "published" if plan.outcome == "dropout" else "normal",
    )


@dataclass(frozen=True)
class SimulatedTrials:
    """Whole trials: whether each rejects, at which look it ends (from 0), with how many outcomes and which estimate.

    ``low`` and ``high`` are the ends of the repeated interval at the end. All have the shape (runs,).
    """

    rejects: np.ndarray[Any, np.dtype[np.bool_]]
    look: Indices
    n_outcomes: Indices
    estimate: Floats
    low: Floats
    high: Floats


def run_trials(
    plan: TrialPlan, effect: float, n_runs: int, generator: np.random.Generator, draw: DrawOutcomes
) -> SimulatedTrials:
    """Run whole trials with their looks on drawn outcomes; each stops where a boundary is crossed.

    Parameters
    ----------
    plan : TrialPlan
    effect : float
        True difference, first arm minus second, in SD.
    n_runs : int
    generator : Generator
    draw : callable
        Takes the generator, the arms (runs, n) and the effect; returns the outcomes in SD.
    """
    looks, n = plan.all_looks, plan.n_outcomes
    boundaries = compute_boundaries(list_planned_looks(looks, n), plan.alpha)
    seeds = generator.integers(2**31, size=n_runs)[: max(MAX_DRAWN_ARMS // n, 2)]
    arms = np.array([draw_arms(int(one), "", plan.block_sizes, n) for one in seeds[:N_SEQUENCES]])
    step = max(MAX_CELLS // n, 1)
    batches = []
    for start in range(0, n_runs, step):
        rows = arms[np.arange(start, min(start + step, n_runs)) % len(arms)]
        batches.append(_follow_looks(draw(generator, rows, effect), rows, looks, boundaries))
    return SimulatedTrials(*(np.concatenate(parts) for parts in zip(*batches, strict=True)))


def _follow_looks(
    y: Floats, arms: Indices, looks: Sequence[int], boundaries: Sequence[float]
) -> tuple[np.ndarray[Any, Any], ...]:
    """Return the fields of :class:`SimulatedTrials` for outcomes of shape (runs, n)."""
    n_runs = len(y)
    ends = np.full(n_runs, len(looks) - 1)
    is_open = np.ones(n_runs, dtype=bool)
    rejects = np.zeros(n_runs, dtype=bool)
    figures = np.empty((3, n_runs))
    for number, (look, boundary) in enumerate(zip(looks, boundaries, strict=True)):
        estimate, se = compare_arm_means(y[:, :look], arms[:, :look])
        half = convert_to_t(boundary, look - 2) * se
        is_last, crosses = number == len(looks) - 1, np.abs(estimate) >= half
        stops = is_open & (crosses | is_last)
        figures[:, stops] = np.stack([estimate, estimate - half, estimate + half])[:, stops]
        ends[stops], rejects[stops] = number, crosses[stops]
        is_open &= ~stops
    return rejects, ends, np.array(looks)[ends], *figures


def draw_normal(generator: np.random.Generator, arms: Indices, effect: float) -> Floats:
    """Draw normal outcomes, SD 1; the first arm has ``effect`` more."""
    return np.asarray(generator.standard_normal(arms.shape) + effect * (arms == 0), dtype=float)


def draw_from_records(own: Floats) -> DrawOutcomes:
    """Return a function that draws from standardised records with replacement; the first arm has the effect more."""
    return lambda generator, arms, effect: generator.choice(own, arms.shape) + effect * (arms == 0)


def draw_dropout(rate: float) -> DrawOutcomes:
    """Return a function that draws dropout, in SD, with its sign turned: the effect is less dropout in arm 0."""
    sd = float(np.sqrt(rate * (1 - rate)))

    def draw(generator: np.random.Generator, arms: Indices, effect: float) -> Floats:
        rates = np.maximum(rate - effect * sd * (arms == 0), 0.0)
        return np.asarray(-(generator.random(arms.shape) < rates).astype(float) / sd, dtype=float)

    return draw


def _choose_draw(plan: TrialPlan, own: Floats | None, sd: float) -> DrawOutcomes:
    if plan.outcome == "dropout":
        return draw_dropout(DROPOUT_RATE if own is None else float(own.mean()))
    return draw_normal if own is None else draw_from_records((own - own.mean()) / sd)


def compare_arm_means(y: Floats, arms: Indices) -> tuple[Floats, Floats]:
    """Return difference of means and HC2 standard error of many trials at once, each of shape (runs,).

    It is :func:`estimate_arm_difference` without strata and covariates.
    """
    first = (arms == 0).astype(float)
    n_first = first.sum(axis=1)
    n_second = arms.shape[1] - n_first
    means = (y * first).sum(axis=1) / n_first, (y * (1 - first)).sum(axis=1) / n_second
    residual = y - np.where(arms == 0, means[0][:, None], means[1][:, None])
    squares = residual**2
    first_variance = (squares * first).sum(axis=1) / (n_first - 1) / n_first
    second_variance = (squares * (1 - first)).sum(axis=1) / (n_second - 1) / n_second
    return means[0] - means[1], np.sqrt(first_variance + second_variance)


def estimate_outcomes_needed(plan: TrialPlan, power: float = 0.80) -> int | None:
    """Return the outcomes, of both arms, that give this power for the smallest effect at the last boundary; even."""
    boundary = compute_boundaries(list_planned_looks(plan.all_looks, plan.n_outcomes), plan.alpha)[-1]
    n = 4 * ((boundary + ndtri(power)) / plan.smallest_effect) ** 2
    return int(2 * np.ceil(n / 2)) if n < 1e6 else None


def _compute_error(share: float, n_runs: int) -> float:
    return float(np.sqrt(max(share * (1 - share), 0.25 / n_runs) / n_runs))
