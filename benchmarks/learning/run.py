"""Which clinics, which sizes, how often; and one clinic measured from its first outcome to its last."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.learning import kept
from benchmarks.learning.clinics import MAKERS, clinic
from benchmarks.learning.kept import Result
from benchmarks.learning.methods import METHODS, Method
from benchmarks.learning.reach import NAME as REACH
from benchmarks.learning.reach import reach
from benchmarks.learning.seen import Seen

SIZES = (0, 100, 300, 1_000, 3_000)
LARGE = 10_000  # too slow for every clinic: for the last seeds only
SEEDS, LARGE_SEEDS = 10, 2
FIRST_SEED = 100  # those below are for trying things out, so that nothing is tuned on what is reported
QUICK_SIZES, QUICK_SEEDS = (0, 100, 300), 2


@dataclass(frozen=True)
class Plan:
    """One clinic to measure in, after how many outcomes, and how many it has in the end, which is part of its draw."""

    maker: str
    mix: str
    seed: int
    sizes: tuple[int, ...]
    most: int

    def asks(self, method: Method) -> tuple[int, ...]:
        """The sizes at which a method is measured here: once where nothing is learned, never where it cannot be."""
        if method.crossed and self.mix != "crossed":
            return ()
        return self.sizes if method.learns else self.sizes[:1]

    def lacks(self, folder: Path, method: Method) -> tuple[int, ...]:
        """Those of which no result is kept yet."""
        return tuple(size for size in self.asks(method) if not self.place(folder, size, method.name).exists())

    def place(self, folder: Path, size: int, method: str) -> Path:
        """Where a result is kept."""
        return kept.path(folder, self.maker, self.mix, self.seed, size, method)


def plans(quick: bool = False) -> list[Plan]:
    """Every clinic, one of each kind before the second of any, so that a run that is stopped has seen all kinds."""
    found = []
    for number in range(QUICK_SEEDS if quick else SEEDS):
        sizes = (*SIZES, LARGE) if number >= SEEDS - LARGE_SEEDS else SIZES
        asked = QUICK_SIZES if quick else sizes
        found += [Plan(maker.name, mix, FIRST_SEED + number, asked, max(sizes))
                  for maker in MAKERS.values() for mix in maker.mixes]  # fmt: skip
    return found


def measure(plan: Plan, methods: Sequence[str], folder: Path) -> int:
    """Measure what is not kept yet, and keep it; returns how much that was."""
    todo = [(size, method) for method in (METHODS[name] for name in methods) for size in plan.lacks(folder, method)]
    without_reach = not plan.place(folder, 0, REACH).exists()
    if not todo and not without_reach:
        return 0
    one = clinic(plan.maker, plan.mix, plan.seed, plan.most)
    for size in sorted({size for size, _ in todo} | ({0} if without_reach else set())):
        seen = Seen(one.at(size), one.rows(size))
        ready(seen)
        if size == 0 and without_reach:
            Result(plan.maker, plan.mix, plan.seed, 0, REACH, *reach(one, seen), 0.0).write(folder)
        for method in [method for asked, method in todo if asked == size]:
            start = time.process_time()
            scores = method.scores(seen)
            took = time.process_time() - start
            Result(plan.maker, plan.mix, plan.seed, size, method.name, *one.share(scores), took).write(folder)
    return len(todo) + without_reach


def ready(seen: Seen) -> None:
    """Build what several methods read, so that none of them is charged for it."""
    for part in (seen.early, *seen.features):
        len(part)


def forget(folder: Path, methods: Sequence[str]) -> None:
    """Throw away what is kept of some methods."""
    for name in methods:
        for file in kept.path(folder, "", "", 0, 0, name).parent.glob("*.csv"):
            file.unlink()
