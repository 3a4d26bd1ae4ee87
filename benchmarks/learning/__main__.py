"""Runs the learning curve and writes ``docs/learning.md`` with its picture: ``python -m benchmarks.learning``."""

from __future__ import annotations

import argparse
import os
import shutil
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

import pandas as pd

from attune_fit.data.writing.atomic_write import write_atomically
from benchmarks.learning import kept
from benchmarks.learning.means import KEY
from benchmarks.learning.methods import METHODS
from benchmarks.learning.page import page
from benchmarks.learning.picture import picture
from benchmarks.learning.run import Plan, forget, measure, plans

DOCS = Path(__file__).resolve().parents[2] / "docs"
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def main() -> None:
    """Measure what is not kept yet in ``.cache/learning``, then write the page and the picture."""
    said = _said()
    if said.fresh:
        shutil.rmtree(kept.FOLDER, ignore_errors=True)
    forget(kept.FOLDER, said.again)
    if missing := sorted({row.needs for row in METHODS.values() if not row.here}):
        print(f"Rows that need {', '.join(missing)} are left out; to have them: pip install -e '.[bench]'")
    asked = plans(said.quick)
    if not said.page:
        names = [name for name, row in METHODS.items() if row.here and name not in said.without]
        run(asked, names, kept.FOLDER, said.jobs)
    results = kept.read(kept.FOLDER)
    if said.quick:
        of = pd.DataFrame([(one.maker, one.mix, one.seed, size) for one in asked for size in one.sizes], columns=KEY)
        print(page(results.merge(of, on=KEY)))
        return
    write_atomically(DOCS / "learning.md", page(results))
    write_atomically(DOCS / "pictures" / "learning.png", picture(results))
    print("Written: docs/learning.md, docs/pictures/learning.png")


def run(asked: Sequence[Plan], methods: Sequence[str], folder: Path, jobs: int) -> None:
    """Measure in every clinic, each in one thread of one of so many processes; says how far it is."""
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))  # read by the processes when they start
    start = time.monotonic()
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        at_work = {pool.submit(measure, plan, methods, folder): plan for plan in asked}
        for done, ended in enumerate(as_completed(at_work), start=1):
            if new := ended.result():
                one, took = at_work[ended], time.monotonic() - start
                print(f"{done}/{len(asked)} {one.maker} {one.mix} {one.seed}: {new} results, {took:,.0f} s", flush=True)


def _said() -> argparse.Namespace:
    """What the command line asks for."""
    asks = argparse.ArgumentParser(prog="python -m benchmarks.learning", description=__doc__)
    asks.add_argument("--quick", action="store_true", help="few clinics, small sizes; the page is printed, not written")
    asks.add_argument("--jobs", type=int, default=2, help="processes, each with one thread (default 2)")
    asks.add_argument("--fresh", action="store_true", help="throw away all that is kept, and start over")
    asks.add_argument("--page", action="store_true", help="measure nothing; write the page from what is kept")
    for name, says in (
        ("again", "measure this method anew, as after a change to it; may be repeated"),
        ("without", "leave this method as it is kept, or out; may be repeated"),
    ):
        asks.add_argument(f"--{name}", action="append", default=[], type=_method, metavar="METHOD", help=says)
    return asks.parse_args()


def _method(name: str) -> str:
    """A method's name in any case."""
    known = {each.lower(): each for each in METHODS}
    if name.lower() not in known:
        raise argparse.ArgumentTypeError(f"there is no method `{name}`; say one of: {'; '.join(METHODS)}")
    return known[name.lower()]


if __name__ == "__main__":
    main()
