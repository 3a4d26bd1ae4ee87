"""Measure speed and write ``docs/speed.md`` with its picture: ``python -m benchmarks.speed [PART ...]``.

Each part runs in a process of its own. Its result is stored in ``.cache/speed``, so that a run goes on where it
stopped: a part whose code is unchanged is not measured again. Named parts are measured always.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from attune_fit.data.storage.atomic_write import write_atomically
from benchmarks.speed.part_results import measure_parts, read_results
from benchmarks.speed.parts import PARTS, PARTS_BY_NAME, Part
from benchmarks.speed.speed_chart import draw_speed
from benchmarks.speed.speed_page import format_page, list_growth

PAGE = Path(__file__).resolve().parents[2] / "docs" / "speed.md"


def choose_parts(names: Sequence[str]) -> list[Part]:
    """Return the named parts; without a name, those of every run that have no result of this code."""
    if names:
        return [PARTS_BY_NAME[name] for name in names]
    results, old = read_results()
    return [part for part in PARTS if part.is_default and (part.name not in results or part.name in old)]


def write_page(page: Path = PAGE) -> None:
    """Write the page and its picture from the stored results."""
    results, old = read_results()
    write_atomically(page, format_page(results, old))
    write_atomically(page.parent / "pictures" / "speed.png", draw_speed(results, list_growth(results)))


def main(words: Sequence[str] | None = None) -> None:
    """Measure what is named or missing, then write the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    listed = "; ".join(f"{part.name}: {part.description}" for part in PARTS)
    parser.add_argument("parts", nargs="*", choices=[*PARTS_BY_NAME, []], help=listed)
    parser.add_argument("--page", action="store_true", help="measure nothing; write the page from stored results")
    options = parser.parse_args(words)
    if not options.page:
        measure_parts(choose_parts(options.parts))
    write_page()


if __name__ == "__main__":
    main()
