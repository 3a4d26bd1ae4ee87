from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings

from attune_fit.data.clinic.tables import Tables
from attune_fit.features import problem_features
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from tests.features.plain import Row, codes, each_pair
from tests.strategies import clinic, clinics

CLINIC = clinic(
    {"presenting_problems": ["grief|stress", "trauma", None]},
    {"specialties": ["stress|anxiety|trauma", "grief", None]},
)


def test_coverage_main_problem_and_specialist_focus_differ() -> None:
    pairs = Pairs.cross(Sides(CLINIC))
    nan = math.nan
    np.testing.assert_allclose(
        problem_features.compute_problem_coverage(pairs), [[0.5, 0.5, nan], [1, 0, nan], [nan] * 3]
    )
    np.testing.assert_allclose(problem_features.is_main_problem_covered(pairs), [[0, 1, nan], [1, 0, nan], [nan] * 3])
    np.testing.assert_allclose(
        problem_features.compute_specialist_focus(pairs), [[1 / 3, 1, nan], [1 / 3, 0, nan], [nan] * 3]
    )


@settings(max_examples=30, deadline=None)
@given(clinics(columns=("presenting_problems", "specialties", "past_focus_preference", "past_focus_style"), wishes=0))
def test_problems_agree_with_a_loop_over_pairs(tables: Tables) -> None:
    def covered(client: Row, therapist: Row) -> float:
        of_client, of_therapist = codes(client["presenting_problems"]), codes(therapist["specialties"])
        return (
            math.nan
            if of_client is None or of_therapist is None
            else sum(code in of_therapist for code in of_client) / len(of_client)
        )

    def minimum(client: Row, therapist: Row) -> float:
        wanted, offered = client["past_focus_preference"], therapist["past_focus_style"]
        share = covered(client, therapist)
        if wanted is None or offered is None or math.isnan(share):
            return math.nan
        closeness: float = (1.33 - abs(wanted - offered) / 4) / 0.48
        return min(closeness, (share - 0.45) / 0.35)

    pairs = Pairs.cross(Sides(tables))
    np.testing.assert_allclose(problem_features.compute_problem_coverage(pairs), each_pair(tables, covered))
    np.testing.assert_allclose(
        problem_features.compute_style_problem_minimum(pairs), each_pair(tables, minimum), atol=1e-12
    )
