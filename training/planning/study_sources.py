"""Clients, therapists and caseloads of simulated studies: from normal distributions, or from a clinic's records."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attune_fit.data.arrays import Counts, Floats, Indices
from attune_fit.training.planning.planned_study import PlannedStudy
from attune_fit.training.planning.study_draws import DrawnStudies, build_caseloads

CASELOAD_SPREAD = 0.7  # SD of the log of a therapist's number of records in synthetic clinics
MIN_SPREAD = 1e-9  # a number with a smaller SD counts as constant


@dataclass(frozen=True)
class NormalPopulation:
    """People whose numbers have a standard normal distribution.

    Attributes
    ----------
    caseloads : array of shape (t,), optional
        Number of records of each therapist of a clinic, > 0; a study draws from them. A study of the clinic's own size
        has these caseloads. Default: those of ``is_uneven``.
    is_uneven : bool, default True
        Without ``caseloads``: whether caseloads differ as in synthetic clinics; else all are equal.
    """

    caseloads: Counts | None = None
    is_uneven: bool = True

    def draw(self, rng: np.random.Generator, study: PlannedStudy, n_studies: int) -> DrawnStudies:
        """Draw the clients and therapists of several studies of one size."""
        caseloads = self._draw_caseloads(rng, study, n_studies)
        therapist = np.repeat(np.arange(caseloads.size), caseloads.ravel())
        numbers = np.zeros(len(therapist)) if study.kind == "trait" else rng.normal(size=len(therapist))
        trait = rng.normal(size=caseloads.size)
        parts = np.empty((len(therapist), 0))
        return DrawnStudies(n_studies, study.therapists, therapist, numbers, numbers, trait, parts)

    def _draw_caseloads(self, rng: np.random.Generator, study: PlannedStudy, n_studies: int) -> Counts:
        """Return the records of each therapist, shape (n_studies, n_therapists)."""
        if self.caseloads is None:
            spread = CASELOAD_SPREAD if self.is_uneven else 0.0
            weight = np.exp(spread * rng.normal(size=(n_studies, study.therapists)))
            return build_caseloads(weight, study.outcomes)
        chosen = self.caseloads[draw_therapists(rng, n_studies, study.therapists, len(self.caseloads))]
        is_own = (study.therapists, study.outcomes) == (len(self.caseloads), int(self.caseloads.sum()))
        return chosen if is_own else build_caseloads(chosen.astype(float), study.outcomes)


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
    parts : array of shape (n, k)
        By record, likewise: what the test of a pair adjusts for.

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
    parts: Floats

    @classmethod
    def from_records(
        cls,
        therapist: Indices,
        *,
        client_variable: Floats | None = None,
        pair_value: Floats | None = None,
        trait: Floats | None = None,
        parts: Floats | None = None,
    ) -> ClinicPopulation:
        """Return the population of records.

        Parameters
        ----------
        therapist : array of int, shape (n,)
            Label of each record's therapist.
        client_variable, pair_value, trait : arrays of shape (n,), optional
            Numbers of each record; those that the kind of term does not need are None.
        parts : array of shape (n, k), optional
            What the test of a pair adjusts for.
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
            np.empty((len(rows), 0)) if parts is None else parts,
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
        chosen = draw_therapists(rng, n_studies, study.therapists, self.n_therapists)
        is_own = (study.therapists, study.outcomes) == (self.n_therapists, self.n_records)
        sizes = self.sizes[chosen].ravel()
        caseloads = sizes if is_own else build_caseloads(self.sizes[chosen].astype(float), study.outcomes).ravel()
        therapist = np.repeat(np.arange(caseloads.size), caseloads)
        if is_own:
            place = np.arange(len(therapist)) - (np.cumsum(caseloads) - caseloads)[therapist]
        else:
            place = (rng.random(len(therapist)) * sizes[therapist]).astype(np.intp)
        record = self.rows[self.starts[chosen].ravel()[therapist] + place]
        numbers = self.client_variable[record], self.pair_value[record]
        trait, parts = self.trait[chosen].ravel(), self.parts[record]
        return DrawnStudies(n_studies, study.therapists, therapist, *numbers, trait, parts)


def draw_therapists(rng: np.random.Generator, n_studies: int, n_therapists: int, n_known: int) -> Indices:
    """Draw therapists of a clinic for several studies, each about equally often.

    Returns
    -------
    array of int, shape (n_studies, n_therapists)
        Positions 0 to ``n_known`` - 1; in each study, none comes twice before all came once.
    """
    rounds = -(-n_therapists // n_known)
    order = [np.argsort(rng.random((n_studies, n_known)), axis=1) for _ in range(rounds)]
    return np.concatenate(order, axis=1)[:, :n_therapists]


def _standardize(values: Floats) -> Floats:
    """Return values with mean 0 and SD 1; zeros where they do not vary."""
    spread = float(values.std())
    return (values - values.mean()) / spread if spread > MIN_SPREAD else np.zeros(len(values))
