"""Results of the tests of many simulated studies, and sums over their therapists and studies."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from attune_fit.data.arrays import Floats
from attune_fit.training.multilevel.therapist_groups import TherapistGroups
from attune_fit.training.planning.study_draws import DrawnStudies


@dataclass(frozen=True)
class StudyTests:
    """Results of the tests of several studies.

    Attributes
    ----------
    estimate, p : arrays of shape (n_studies,)
        NaN where a test has no result.
    problems : Counter of str
        Studies without a result, by a key of ``multilevel.effect_test.PROBLEMS``.
    """

    estimate: Floats
    p: Floats
    problems: Counter[str] = field(default_factory=Counter)


def collect_groups(drawn: DrawnStudies) -> TherapistGroups:
    """Return the records by therapist: every therapist has one, so the labels are the codes."""
    return TherapistGroups(drawn.therapist, np.bincount(drawn.therapist).astype(float))


def sum_studies(drawn: DrawnStudies, values: Floats) -> Floats:
    """Return the sums by study of values (n,)."""
    return np.asarray(values.reshape(drawn.n_studies, -1).sum(axis=1))
