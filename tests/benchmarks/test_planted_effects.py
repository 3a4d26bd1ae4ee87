"""Planted effects are found as often as `attune power` predicts, and the page has a place for the figures."""

from __future__ import annotations

import pytest

from benchmarks.null_studies import StudyDesign
from benchmarks.planted_effects import BEGIN, CELLS, END, PAGE, PlantedCell, format_block, measure_cell


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["interaction", "trait", "pair"])
def test_planted_effects_are_found_as_often_as_predicted(kind: str) -> None:
    design, effect = next(
        cell for cell in CELLS if cell[0].kind == kind and cell[0].therapists == 20 and cell[1] == 0.15
    )
    cell = measure_cell(design, effect, 600, 3)
    assert abs(cell.difference) < 0.08, "the standard error of the found share is 2 points"
    assert 0.2 < cell.predicted < 0.9


def test_the_block_counts_cells_within_the_limit() -> None:
    designs = [StudyDesign("trait", 0.0, therapists, "even") for therapists in (10, 20)]
    cells = {(designs[0], 0.1): PlantedCell(0.5, 0.52, 1_000, 0), (designs[1], 0.1): PlantedCell(0.5, 0.57, 1_000, 3)}
    text = " ".join(format_block(cells).split())
    assert text.startswith("1 of 2 cells differ by at most 5 percentage points. The largest difference is 7.0")
    assert "3 of 2,000 tests failed" in text


def test_the_page_has_a_place_for_the_figures() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert (text.count(BEGIN), text.count(END)) == (1, 1)
