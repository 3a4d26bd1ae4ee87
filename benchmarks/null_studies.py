"""Draw studies of one effect on arrays: the designs of ``benchmarks.error_rates``."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from attune_fit.data.arrays import Floats, Indices
from attune_fit.training.multilevel.effect_test import EffectTest
from attune_fit.training.multilevel.mixed_interaction import estimate_mixed_interaction
from attune_fit.training.multilevel.slope_interaction import estimate_slope_interaction
from attune_fit.training.multilevel.therapist_permutation import permute_signs, permute_therapists
from attune_fit.training.multilevel.trait_effect import estimate_trait_effect
from attune_fit.training.multilevel.within_effect import estimate_within_effect

THERAPIST_SHARE = 0.05  # of the variance of the outcome
CLIENT_EFFECT = 0.3  # of the client variable on the outcome, for every therapist
EVEN_CASELOAD, MIN_CASELOAD, MAX_CASELOAD = 25, 4, 60
CASELOADS = {
    "even": "25 clients each",
    "uneven": "4 to 60 clients, each number as likely",
    "skewed": "4 to 60 clients, uniform on a logarithmic scale: many small caseloads, few large ones",
}
KINDS = ("trait", "pair", "interaction")
PERMUTATIONS = 199  # 5% of 200 is a whole number of ranks


@dataclass(frozen=True)
class StudyDesign:
    """One cell of the table.

    Attributes
    ----------
    kind : str
        One of :data:`KINDS`.
    slope_sd : float
        Standard deviation over therapists of the slope on the client variable, or on the pair feature; 0 for a trait.
    therapists : int
    caseloads : str
        A key of :data:`CASELOADS`.
    """

    kind: str
    slope_sd: float
    therapists: int
    caseloads: str

    def draw(self, rng: np.random.Generator, effect: float = 0.0) -> Study:
        """Return one study; ``effect`` is in SD of the outcome within therapists per unit of the term."""
        sizes = self.draw_caseloads(rng)
        therapist = np.repeat(np.arange(self.therapists), sizes)
        n = len(therapist)
        trait = rng.normal(size=self.therapists)[therapist]
        client = rng.normal(size=n)
        intercept = np.sqrt(THERAPIST_SHARE) * rng.normal(size=self.therapists)[therapist]
        slope = self.slope_sd * rng.normal(size=self.therapists)[therapist]
        y = intercept + CLIENT_EFFECT * client + np.sqrt(1 - THERAPIST_SHARE) * rng.normal(size=n)
        if self.kind == "trait":
            return Study(self.kind, y + effect * trait, therapist, client, trait, trait, None)
        if self.kind == "interaction":
            y = y + slope * client + effect * client * trait
            return Study(self.kind, y, therapist, client, trait, client * trait, None)
        closeness = -np.abs(client - trait)
        level = -(client * (2 * ndtr(client) - 1) + 2 * np.exp(-(client**2) / 2) / np.sqrt(2 * np.pi))
        y = y + (slope + effect) * closeness
        return Study(self.kind, y, therapist, client, trait, closeness, np.column_stack([client, level]))

    def draw_caseloads(self, rng: np.random.Generator) -> Indices:
        """Return the clients of each therapist, shape (therapists,)."""
        if self.caseloads == "even":
            return np.full(self.therapists, EVEN_CASELOAD)
        if self.caseloads == "uneven":
            return rng.integers(MIN_CASELOAD, MAX_CASELOAD + 1, self.therapists)
        logarithms = rng.uniform(np.log(MIN_CASELOAD), np.log(MAX_CASELOAD + 1), self.therapists)
        return np.exp(logarithms).astype(np.intp)


@dataclass(frozen=True)
class Study:
    """Records of one study, arrays of shape (n,); each record is a client of its own.

    The pair feature is closeness, minus the distance of the client's number from the therapist's. Its covariates (n, 2)
    are the client's number and the client's expected closeness to any therapist: without the first, the distance to an
    extreme therapist is the client's number in disguise, and 10 therapists with uneven caseloads reject 7.7%.
    """

    kind: str
    y: Floats
    therapist: Indices
    client: Floats
    trait: Floats
    value: Floats
    covariates: Floats | None

    def estimate(self) -> EffectTest:
        """Return the default test of this kind of term."""
        if self.kind == "trait":
            return estimate_trait_effect(self.y, self.therapist, self.trait)
        if self.kind == "interaction":
            return estimate_slope_interaction(self.y, self.therapist, self.client, self.trait)
        return estimate_within_effect(self.y, self.therapist, np.arange(len(self.y)), self.value, self.covariates)

    def permute(self, seed: int) -> float:
        """Return the p value of the permutation test of this kind of term."""
        if self.kind == "pair":
            return permute_signs(self.y, self.therapist, self.value, self.covariates, draws=PERMUTATIONS, seed=seed)
        client = self.client if self.kind == "interaction" else None
        return permute_therapists(
            self.y, self.therapist, self.trait, client_variable=client, draws=PERMUTATIONS, seed=seed
        )

    def estimate_mixed(self) -> EffectTest:
        """Return the interaction of the mixed model."""
        return estimate_mixed_interaction(self.y, self.therapist, self.client, self.trait)
