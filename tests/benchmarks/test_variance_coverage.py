"""Intervals of variance shares contain the true share about as often as they promise."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import variance_coverage
from benchmarks.variance_coverage import CELLS, RatingDesign, format_page, measure_cell


def test_drawn_ratings_have_the_planted_shares() -> None:
    rng = np.random.default_rng(0)
    for design in (RatingDesign("nested", 40, "uneven", 0.15), RatingDesign("crossed", 20, "even", 0.05)):
        y, labels = design.draw(rng)
        assert len(labels) == len(design.shares)
        assert all(len(label) == len(y) for label in labels)
        assert np.mean([design.draw(rng)[0].var() for _ in range(30)]) == pytest.approx(1, abs=0.1)


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.0, 0.05, 0.15])
def test_the_therapist_interval_contains_its_true_share(share: float) -> None:
    cell = measure_cell(RatingDesign("nested", 10, "even", share), 120, seed=5)
    assert cell.failed == 0
    assert all(0.88 <= rate <= 1 for rate in cell.covered.values())  # 3.5 standard errors below 95%


def test_the_page_shows_every_cell_and_finished_cells_are_kept(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(variance_coverage, "CACHE", tmp_path / "cache.jsonl")  # type: ignore[operator]
    monkeypatch.setattr(variance_coverage, "CELLS", CELLS[:2])
    cells = dict(variance_coverage.measure_cells(2, 1))
    monkeypatch.setattr(variance_coverage, "measure_cell", lambda *_: pytest.fail("measured again"))
    assert dict(variance_coverage.measure_cells(2, 1)) == cells
    page = format_page(cells, 1)
    assert page.count("| nested |") == 2
