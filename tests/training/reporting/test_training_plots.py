"""Pictures from records held back: groups of ten or more, the right numbers, nothing drawn from too few."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from attune_fit.data.small_cells import MIN_GROUP_SIZE
from attune_fit.models.active_model import load_starting_model
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.training.reporting.calibration_bins import MAX_BINS, build_calibration_bins
from attune_fit.training.reporting.training_plots import draw_plots, list_weight_changes
from tests.models.builders import THREE, learnt, town
from tests.training.evaluation.test_paired_comparison import predict


@pytest.mark.parametrize(("n", "number"), [(400, MAX_BINS), (57, 5), (19, 1), (9, 0), (0, 0)])
def test_no_group_is_smaller_than_ten(n: int, number: int) -> None:
    whole = predict(1.0)
    some = replace(whole, score=whole.score[:n], y=whole.y[:n])
    found = build_calibration_bins(some)
    assert len(found) == number
    assert all(one.n >= MIN_GROUP_SIZE for one in found)
    assert sum(one.n for one in found) == (n if number else 0)


def test_a_group_is_what_its_records_say() -> None:
    whole = predict(1.0)
    order = np.argsort(whole.score)[:40]
    first = build_calibration_bins(whole)[0]
    assert first.expected == pytest.approx(whole.score[order].mean())
    assert first.observed == pytest.approx(whole.y[order].mean())
    assert first.standard_error == pytest.approx(whole.y[order].std(ddof=1) / np.sqrt(40))
    assert first.residual_quantiles[1] == pytest.approx(np.median(whole.y[order] - whole.score[order]))


def test_weights_that_moved_furthest_come_first() -> None:
    names = [name for name, *_ in list_weight_changes(learnt(town(), 400))]
    assert names[0] == "gap", "outcomes rise by 3 points with it, three times what was published"
    assert sorted(names) == ["gap", "need", "skill"]
    assert all(before == now for _, before, now in list_weight_changes(AllianceModel.from_published(THREE)))


def test_pictures_are_drawn_and_leave_out_what_few_records_cannot_show(tmp_path: Path) -> None:
    whole = predict(1.0)
    drawn = draw_plots(tmp_path / "all", load_starting_model(), whole)
    assert {path.name for path in drawn} == {"weights.png", "calibration.png", "residuals.png"}
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in drawn)
    few = draw_plots(tmp_path / "few", load_starting_model(), replace(whole, score=whole.score[:19], y=whole.y[:19]))
    assert [path.name for path in few] == ["weights.png"]
