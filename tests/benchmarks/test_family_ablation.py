"""What each feature family adds: the parts sum to the score, and the differences are paired."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.learning.benchmark_clinic import BenchmarkClinic
from benchmarks.learning.family_ablation import compute_family_parts, format_differences, list_scores
from benchmarks.learning.method_inputs import MethodInputs
from benchmarks.learning.score_variants import fit_linear_layer


def test_the_parts_of_the_families_are_the_evidence(clinic: BenchmarkClinic) -> None:
    inputs = MethodInputs(clinic.build_tables(0), clinic.find_rows(0))
    model = fit_linear_layer(inputs)
    parts = compute_family_parts(inputs, model)
    np.testing.assert_allclose(sum(parts.values()), model.compute_parts(inputs.cross).evidence, atol=1e-9)
    scores = dict(list_scores(inputs))
    np.testing.assert_allclose(
        scores["whole score"] - scores["without wishes"], scores["weights of wishes alone"], atol=1e-9
    )


def test_differences_are_paired_by_clinic() -> None:
    rows = [(1, 0, "whole score", 0.5, 0.5), (1, 0, "other", 0.6, 0.4), (2, 0, "whole score", 0.1, 0.3),
            (2, 0, "other", 0.2, 0.4)]  # fmt: skip
    text = format_differences(pd.DataFrame(rows, columns=["seed", "records", "score", "free", "capacity"]))
    assert "free choice 0.300, under capacity 0.400" in text
    assert "+0.100 ± 0.000   +0.000 ± 0.100" in text


def test_records_change_the_weights_that_are_left_out(clinic: BenchmarkClinic) -> None:
    before, after = (
        compute_family_parts(inputs, fit_linear_layer(inputs))["problems"]
        for inputs in (MethodInputs(clinic.build_tables(n), clinic.find_rows(n)) for n in (0, 100))
    )
    assert not np.allclose(before, after)
