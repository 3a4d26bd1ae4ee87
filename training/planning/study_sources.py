"""Clients, therapists and caseloads of simulated studies: from normal distributions, or from a clinic's records."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attune_fit.data.arrays import Floats, Indices
from attune_fit.training.planning.planned_study import PlannedStudy
from attune_fit.training.planning.study_draws import DrawnStudies, build_caseloads

CASELOAD_SPREAD = 0.7  # SD of the log of a therapist's number of records in synthetic clinics
MIN_SPREAD = 1e-9  # a number with a smaller SD counts as constant


@dataclass(frozen=True)
class NormalPopulation:
    """People of no clinic: every number has a standard normal distribution.

    Attributes
    ----------
    is_uneven : bool
        Whether caseloads differ as in synthetic clinics; else all are equal.
    """

    is_uneven: bool = True

    def draw(self, rng: np.random.Generator, study: PlannedStudy, n_studies: int) -> DrawnStudies:
        """Draw the clients and therapists of several studies of one size."""
        shape = (n_studies, study.therapists)
        spread = CASELOAD_SPREAD if self.is_uneven else 0.0
        caseloads = build_caseloads(np.exp(spread * rng.normal(size=shape)), study.outcomes)
        therapist = np.repeat(np.arange(caseloads.size), caseloads.ravel())
        client_variable, pair_value = rng.normal(size=(2, len(therapist)))
        trait = rng.normal(size=caseloads.size)
        return DrawnStudies(n_studies, study.therapists, therapist, client_variable, pair_value, trait)


@dataclass(frozen=True)
class ClinicPopulation:
    """People of one clinic: its therapists are drawn with their own clients, so that what belongs together stays so.

    Attributes
    ----------
    rows : array of int, shape (n,)
        Records sorted by therapist.
    starts, sizes : arrays of int, shape (t,)
        Where the records of each therapist begin in ``rows``, and their number.
    client_variable, pair_value : arrays of shape (n,)
        By record, in the order before sorting; mean 0 and SD 1. Zero where the kind of term has no such number.
    trait : array of shape (t,)
        Mean 0 and SD 1 over the therapists.

    Notes
    -----
    No outcome is read: a simulated study cannot learn from the effect in the clinic's data. A study with as many
    therapists as the clinic has each of them once. One with more has each of them about equally often; copies of a
    therapist have levels and slopes of their own.
    """

    rows: Indices
    starts: Indices
    sizes: Indices
    client_variable: Floats
    pair_value: Floats
    trait: Floats

    @classmethod
    def from_records(
        cls, therapist: Indices, client_variable: Floats | None, pair_value: Floats | None, trait: Floats | None
    ) -> ClinicPopulation:
        """Return the population of records.

        Parameters
        ----------
        therapist : array of int, shape (n,)
            Label of each record's therapist.
        client_variable, pair_value, trait : arrays of shape (n,), optional
            Numbers of each record; those that the kind of term does not need are None.
        """
        rows = np.argsort(therapist, kind="stable").astype(np.intp)
        _, starts, sizes = np.unique(therapist[rows], return_index=True, return_counts=True)
        of_therapist = np.zeros(len(starts)) if trait is None else trait[rows[starts]]
        return cls(
            rows,
            starts.astype(np.intp),
            sizes.astype(np.intp),
            _standardize(np.zeros(len(rows)) if client_variable is None else client_variable),
            _standardize(np.zeros(len(rows)) if pair_value is None else pair_value),
            _standardize(of_therapist),
        )

    @property
    def n_therapists(self) -> int:
        """Therapists of the clinic who have records."""
        return len(self.starts)

    @property
    def n_records(self) -> int:
        """Records of the clinic."""
        return len(self.rows)

    def draw(self, rng: np.random.Generator, study: PlannedStudy, n_studies: int) -> DrawnStudies:
        """Draw therapists, then clients of each of them; with the clinic's own size, its own records."""
        chosen = self._draw_therapists(rng, n_studies, study.therapists)
        is_own = (study.therapists, study.outcomes) == (self.n_therapists, self.n_records)
        sizes = self.sizes[chosen]
        caseloads = sizes if is_own else build_caseloads(sizes.astype(float), study.outcomes)
        therapist = np.repeat(np.arange(caseloads.size), caseloads.ravel())
        first, count = self.starts[chosen].ravel()[therapist], sizes.ravel()[therapist]
        if is_own:
            begin = np.cumsum(caseloads.ravel()) - caseloads.ravel()
            place = np.arange(len(therapist)) - begin[therapist]
        else:
            place = (rng.random(len(therapist)) * count).astype(np.intp)
        record = self.rows[first + place]
        trait = self.trait[chosen].ravel()
        return DrawnStudies(
            n_studies, study.therapists, therapist, self.client_variable[record], self.pair_value[record], trait
        )

    def _draw_therapists(self, rng: np.random.Generator, n_studies: int, n_therapists: int) -> Indices:
        """Return positions of therapists, shape (n_studies, n_therapists): each therapist about equally often."""
        rounds = -(-n_therapists // self.n_therapists)
        order = [np.argsort(rng.random((n_studies, self.n_therapists)), axis=1) for _ in range(rounds)]
        return np.concatenate(order, axis=1)[:, :n_therapists]


def _standardize(values: Floats) -> Floats:
    """Return values with mean 0 and SD 1; zeros where they do not vary."""
    spread = float(values.std())
    return (values - values.mean()) / spread if spread > MIN_SPREAD else np.zeros(len(values))
