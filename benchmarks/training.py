"""How time and memory of a training grow with its outcomes: ``python -m benchmarks.training [--large]``.

Each size runs in a process of its own, so that its peak of memory is its own, on one core; growth is told in seconds of
that core, which hold on a busy machine too. ``--large`` adds 300,000 outcomes (a quarter of an hour the first time,
half of it to simulate them). The clinics are simulated once and kept in ``.cache/training``.
"""

from __future__ import annotations

import multiprocessing
import os
import re
import resource
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

KEPT = Path(__file__).resolve().parent.parent / ".cache" / "training"
SIZES = ((300, 15), (3_000, 60), (30_000, 300))  # outcomes, therapists
LARGE = (300_000, 2_000)
EACH = 1.15  # clients for each outcome: a tenth wait, and of the others a few hand in no early form
WIDTH = 52  # of a step's name


@dataclass(frozen=True)
class Cost:
    """What one training took.

    Attributes
    ----------
    outcomes : int
        Early alliance records used.
    read, train, core : float
        Seconds to read the tables, to train, and of a core to train.
    tables, peak : float
        Largest memory of the process once the tables were read, and in all; MiB.
    steps : dict of str to float
        Seconds of a core by step, as training names it.
    trees : dict of str to float
        Those of all steps that LightGBM took, by what it did.
    """

    outcomes: int
    read: float
    train: float
    core: float
    tables: float
    peak: float
    steps: dict[str, float]
    trees: dict[str, float]


def main() -> None:
    """Print time and memory by size, then where the time went."""
    done: list[Cost] = []
    os.environ["OMP_NUM_THREADS"] = "1"
    print("outcomes   read s   train s   core s a 1,000   ratio   core s for 1,000 more   MiB read   MiB peak")
    for outcomes, therapists in (*SIZES, *((LARGE,) if "--large" in sys.argv else ())):
        folder = KEPT / f"{outcomes}"
        if not folder.exists():
            alone(drawn, folder, outcomes, therapists)
        done.append(alone(trained, folder))
        print(row(done), flush=True)
    print()
    print(f"{'seconds of a core':<{WIDTH}}" + "".join(f"{cost.outcomes:>12,}" for cost in done))
    for part in ("steps", "trees"):
        for name in getattr(done[-1], part):
            print(f"{name:<{WIDTH}}" + "".join(f"{getattr(cost, part).get(name, 0):>12.1f}" for cost in done))


def row(done: list[Cost]) -> str:
    """The last of some costs; its seconds for 1,000 outcomes beside those of the first, and from size to size."""
    first, last = done[0], done[-1]
    each = last.core / last.outcomes * 1000
    ratio = each / (first.core / first.outcomes * 1000)
    more = ""
    if len(done) > 1:
        more = f"{(last.core - done[-2].core) / (last.outcomes - done[-2].outcomes) * 1000:.2f}"
    return (
        f"{last.outcomes:>8,} {last.read:>8.1f} {last.train:>9.1f} {each:>16.2f} {ratio:>7.2f} {more:>23}"
        f" {last.tables:>10.0f} {last.peak:>10.0f}"
    )


def alone(task: Callable[..., Any], *given: Any) -> Any:
    """Do it in a process that has done nothing else."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(task, *given).result()


def drawn(folder: Path, outcomes: int, therapists: int) -> None:
    """Simulate a clinic; a folder that is there is whole."""
    from attune_fit.data.synthetic.simulate import simulate, write_clinic

    half = folder.with_name(f"{folder.name}.half")
    shutil.rmtree(half, ignore_errors=True)
    write_clinic(simulate(round(outcomes * EACH), therapists, seed=0), half, truth=False)
    half.rename(folder)


def trained(folder: Path) -> Cost:
    """Read a clinic and train on it; what is made is thrown away."""
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.reading.read_clinic import read_tables
    from attune_fit.training.train import train

    clinic = Clinic.open(folder)
    begun = time.perf_counter()
    tables = read_tables(clinic)
    reading, memory = time.perf_counter() - begun, peak()
    begun, marks = time.perf_counter(), [(time.process_time(), "Outcomes and their features.")]
    with TemporaryDirectory() as place, trees_timed() as trees:
        done = train(
            replace(clinic, folder=Path(place)), tables, say=lambda step: marks.append((time.process_time(), step))
        )
    took, ends = time.perf_counter() - begun, [*(at for at, _ in marks[1:]), time.process_time()]
    steps: dict[str, float] = {}
    for (at, step), end in zip(marks, ends, strict=True):
        name = re.sub(r"of [\d,]+ ", "of ", step).rstrip(".")[:WIDTH]
        steps[name] = steps.get(name, 0.0) + end - at
    return Cost(done.n_outcomes, reading, took, ends[-1] - marks[0][0], memory, peak(), steps, trees)


@contextmanager
def trees_timed() -> Iterator[dict[str, float]]:
    """Seconds of a core that LightGBM grows trees, and is asked what they say, while this is open."""
    import lightgbm

    spent = {"of these, growing trees": 0.0, "of these, asking trees": 0.0}
    grow, ask = lightgbm.train, lightgbm.Booster.predict

    def timed(function: Callable[..., Any], name: str) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            begun = time.process_time()
            try:
                return function(*args, **kwargs)
            finally:
                spent[name] += time.process_time() - begun

        return call

    lightgbm.train, lightgbm.Booster.predict = (timed(one, name) for one, name in zip((grow, ask), spent, strict=True))
    try:
        yield spent
    finally:
        lightgbm.train, lightgbm.Booster.predict = grow, ask


def peak() -> float:
    """Largest memory of this process so far, MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
