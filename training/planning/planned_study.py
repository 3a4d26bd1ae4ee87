"""A planned study: its test, its size, the effect that is assumed to be true, and what else moves the outcome."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PlannedKind = Literal["trait", "interaction", "pair"]
PLANNED_KINDS: tuple[PlannedKind, ...] = ("interaction", "trait", "pair")

THERAPIST_SHARE = 0.05  # of the outcome's variance: therapists explain about 5% in routine care
SLOPE_SD = 0.10  # SD over therapists of a slope that no trait explains, in SD of the outcome
SIGNIFICANCE_LEVEL = 0.05


@dataclass(frozen=True)
class PlannedStudy:
    """One planned study. The outcome has variance 1, so that all sizes are in its SD.

    Attributes
    ----------
    kind : {"interaction", "trait", "pair"}
        Kind of term, which decides the test: a client's number times a therapist's, a therapist's number, or a feature
        that varies within therapists.
    effect : float
        Assumed true effect, in SD of the outcome for one SD of the term; 0 gives the rate of false alarms.
    therapists, outcomes : int
        Therapists, and outcome records of all of them together; one record for each client.
    therapist_share : float in [0, 1)
        Share of the outcome's variance between therapists that no term explains.
    slope_sd : float >= 0
        Of an interaction: SD over therapists of the client variable's slope that the trait does not explain. Of a pair
        feature: SD over therapists of its effect.
    rate : float in (0, 1), optional
        Of an outcome that is yes or no: the share of clients with it. Default: the outcome is a number.
    alpha : float in (0, 1)
        Rate of false alarms that the test allows.
    """

    kind: PlannedKind
    effect: float
    therapists: int
    outcomes: int
    therapist_share: float = THERAPIST_SHARE
    slope_sd: float = SLOPE_SD
    rate: float | None = None
    alpha: float = SIGNIFICANCE_LEVEL

    @property
    def noise_variance(self) -> float:
        """Share of the outcome's variance that belongs to no term, therapist or slope; negative if they exceed 1."""
        of_slopes = 0.0 if self.kind == "trait" else self.slope_sd**2
        return 1 - self.effect**2 - self.therapist_share - of_slopes

    @property
    def caseload(self) -> float:
        """Mean number of outcomes of a therapist."""
        return self.outcomes / self.therapists
