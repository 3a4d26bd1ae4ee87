"""The coverage of surfaces is measured once, and its page has a row for each cell."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks import surface_coverage
from benchmarks.surface_coverage import CELLS, SurfaceDesign, format_page, measure_cell


def test_a_cell_is_the_same_with_the_same_seed_and_its_records_have_the_surface() -> None:
    design = SurfaceDesign("match", 10, "even")
    assert measure_cell(design, 3, 1) == measure_cell(design, 3, 1)
    y, therapist, x, z = SurfaceDesign("match", 100, "uneven").draw(np.random.default_rng(0))
    assert len(np.unique(therapist)) == 100
    assert np.bincount(therapist).min() == 4
    assert np.bincount(therapist).max() == 60
    assert np.corrcoef(y, (x - z) ** 2)[0, 1] < -0.05


def test_finished_cells_are_kept_and_the_page_has_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surface_coverage, "CACHE", tmp_path / "cache.jsonl")
    monkeypatch.setattr(surface_coverage, "CELLS", CELLS[:2])
    cells = dict(surface_coverage.measure_cells(2, 1))
    monkeypatch.setattr(surface_coverage, "measure_cell", lambda *_: pytest.fail("measured again"))
    assert dict(surface_coverage.measure_cells(2, 1)) == cells
    page = format_page(cells, 1)
    assert page.count("| no effect |") == 2
    assert "2 draws for each row" in page
