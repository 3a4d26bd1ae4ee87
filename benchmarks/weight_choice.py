"""Compare weights and degrees of freedom for tests over therapists, on slopes drawn from their distribution."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from attune_fit.data.arrays import Floats
from attune_fit.training.multilevel.effect_test import SIGNIFICANCE_LEVEL
from benchmarks.null_studies import StudyDesign

RUNS = 10_000
DESIGNS = tuple((sd, m, caseloads) for sd in (0.0, 0.25) for m in (10, 40) for caseloads in ("even", "skewed"))
Choice = Callable[["TherapistEstimates"], tuple[Floats, Floats, Floats]]  # to estimate, standard error and df


@dataclass(frozen=True)
class TherapistEstimates:
    """Slopes of many studies, arrays of shape (runs, m).

    Attributes
    ----------
    slope, variance : arrays
        Slope of each therapist and its estimated sampling variance.
    squares : array
        Sum of squares of the variable within each therapist.
    trait : array
        Centred over the therapists of each study.
    """

    slope: Floats
    variance: Floats
    squares: Floats
    trait: Floats

    @classmethod
    def draw(cls, rng: np.random.Generator, design: StudyDesign, runs: int) -> TherapistEstimates:
        """Draw studies without an effect; the variance within therapists is 1."""
        sizes = np.stack([design.draw_caseloads(rng) for _ in range(runs)])
        squares = rng.chisquare(sizes - 1)
        slope = rng.normal(size=sizes.shape) * np.sqrt(1 / squares + design.slope_sd**2)
        df = sizes.sum(axis=1, keepdims=True) - 2 * design.therapists
        trait = rng.normal(size=sizes.shape)
        return cls(slope, rng.chisquare(df) / df / squares, squares, trait)

    def regress(self, weight: Floats) -> tuple[Floats, Floats, Floats]:
        """Return the trait's effect on slopes by weighted least squares, its standard error, and t's df."""
        total = weight.sum(axis=1, keepdims=True)
        trait = self.trait - (weight * self.trait).sum(axis=1, keepdims=True) / total
        slope = self.slope - (weight * self.slope).sum(axis=1, keepdims=True) / total
        information = (weight * trait**2).sum(axis=1)
        estimate = (weight * trait * slope).sum(axis=1) / information
        df = weight.shape[1] - 2
        factor = (weight * (slope - estimate[:, None] * trait) ** 2).sum(axis=1) / df
        return estimate, np.sqrt(factor / information), np.full(len(estimate), float(df))

    def compute_excess(self, variance: Floats) -> tuple[Floats, Floats]:
        """Return the weighted sum of squares minus its df at a variance between therapists (runs,), and its slope."""
        weight = 1 / (variance[:, None] + self.variance)
        estimate, _, df = self.regress(weight)
        total = weight.sum(axis=1, keepdims=True)
        residual = self.slope - estimate[:, None] * self.trait
        residual = residual - (weight * residual).sum(axis=1, keepdims=True) / total
        return (weight * residual**2).sum(axis=1) - df, -((weight * residual) ** 2).sum(axis=1)


def use_paule_mandel(studies: TherapistEstimates) -> tuple[Floats, Floats, Floats]:
    """Return the choice of Attune for traits and interactions."""
    variance = np.zeros(len(studies.slope))
    for _ in range(50):
        excess, slope = studies.compute_excess(variance)
        variance = np.maximum(variance - excess / slope, 0.0)
    return studies.regress(1 / (variance[:, None] + studies.variance))


def use_equal_weights(studies: TherapistEstimates) -> tuple[Floats, Floats, Floats]:
    """Return least squares over therapists."""
    return studies.regress(np.ones_like(studies.slope))


def use_sampling_weights(studies: TherapistEstimates) -> tuple[Floats, Floats, Floats]:
    """Return weights from the sampling variance alone."""
    return studies.regress(1 / studies.variance)


def use_pooled_slope(power: int, has_satterthwaite: bool) -> Choice:
    """Return a choice for a pair feature: scores divided by (1 - share) to a power; t."""

    def use(studies: TherapistEstimates) -> tuple[Floats, Floats, Floats]:
        share = studies.squares / studies.squares.sum(axis=1, keepdims=True)
        estimate = (share * studies.slope).sum(axis=1)
        score = share * (studies.slope - estimate[:, None])
        variance = (score**2 / (1 - share) ** power).sum(axis=1)
        df = np.full(len(estimate), share.shape[1] - 1.0)
        if has_satterthwaite:
            spread = (share**2 * (1 - 2 * share) / (1 - share) ** 2).sum(axis=1)
            df = 1 / (spread + (share**2 / (1 - share)).sum(axis=1) ** 2)
        elif power == 2:
            df = 1 / (share**2).sum(axis=1) - 1
        return estimate, np.sqrt(variance), df

    return use


CHOICES: dict[str, dict[str, Choice]] = {  # the first of each is the choice of Attune
    "interaction": {
        "Paule-Mandel weights, Knapp-Hartung errors (used)": use_paule_mandel,
        "equal weights": use_equal_weights,
        "weights from sampling variance alone": use_sampling_weights,
    },
    "pair": {
        "CR2, Bell-McCaffrey df (used)": use_pooled_slope(1, has_satterthwaite=True),
        "plain cluster-robust, therapists - 1 df": use_pooled_slope(0, has_satterthwaite=False),
        "jackknife, effective therapists - 1 df": use_pooled_slope(2, has_satterthwaite=False),
    },
}


def list_weight_rows(seed: int, runs: int = RUNS) -> Iterator[tuple[str, ...]]:
    """Yield one table row for each design and choice: its rejection rate, and the SD of the estimate."""
    for kind, choices in CHOICES.items():
        for slope_sd, therapists, caseloads in DESIGNS:
            design = StudyDesign(kind, slope_sd, therapists, caseloads)
            rng = np.random.default_rng([seed, therapists, round(100 * slope_sd)])
            studies = TherapistEstimates.draw(rng, design, runs)
            results = {name: choice(studies) for name, choice in choices.items()}
            used = next(iter(results.values()))[0].std()
            for name, (estimate, se, df) in results.items():
                critical = stdtrit(np.maximum(df, 1.0), 1 - SIGNIFICANCE_LEVEL / 2)
                rate = float(np.mean(np.abs(estimate) > se * critical))
                term = f"{kind}, slopes differ" if slope_sd else kind
                yield term, str(therapists), caseloads, name, f"{rate:.1%}", f"{estimate.std() / used:.2f}"
