"""Run the learning curve, and write ``docs/learning.md`` with its picture: ``python -m benchmarks.learning``."""

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

from attune_fit.data.storage.atomic_write import write_atomically
from benchmarks.learning import result_files
from benchmarks.learning.feature_ceiling import CEILING_NAME
from benchmarks.learning.learning_chart import draw_learning_curve
from benchmarks.learning.means import KEY
from benchmarks.learning.measurement import Plan, delete_results, list_plans, measure_plan
from benchmarks.learning.methods import METHODS
from benchmarks.learning.page import format_page

DOCS = Path(__file__).resolve().parents[2] / "docs"
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def main() -> None:
    """Measure the results missing in ``.cache/learning``, then write the page and the picture."""
    options = _read_options()
    if options.fresh:
        shutil.rmtree(result_files.FOLDER, ignore_errors=True)
    delete_results(result_files.FOLDER, options.again)
    if missing := sorted({row.library for row in METHODS.values() if not row.is_installed}):
        print(f"Methods that need {', '.join(missing)} are omitted; to include them: pip install -e '.[bench]'")
    plans = list_plans(options.quick)
    if not options.page:
        names = [name for name, row in METHODS.items() if row.is_installed and name not in options.without]
        measure_plans(plans, [*names, CEILING_NAME], result_files.FOLDER, options.jobs)
    results = result_files.read_results(result_files.FOLDER)
    if options.quick:
        selected = pd.DataFrame(
            [(plan.maker, plan.mix, plan.seed, size) for plan in plans for size in plan.sizes], columns=KEY
        )
        print(format_page(results.merge(selected, on=KEY)))
        return
    write_atomically(DOCS / "learning.md", format_page(results))
    write_atomically(DOCS / "pictures" / "learning.png", draw_learning_curve(results))
    print("Written: docs/learning.md, docs/pictures/learning.png")


def measure_plans(plans: Sequence[Plan], methods: Sequence[str], folder: Path, jobs: int) -> None:
    """Measure every clinic, each in one thread of one of ``jobs`` processes, and print the progress."""
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))  # the processes read these when they start
    start = time.monotonic()
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        running = {pool.submit(measure_plan, plan, methods, folder): plan for plan in plans}
        for done, ended in enumerate(as_completed(running), start=1):
            if new := ended.result():
                plan, seconds = running[ended], time.monotonic() - start
                print(
                    f"{done}/{len(plans)} {plan.maker} {plan.mix} {plan.seed}: {new} results, {seconds:,.0f} s",
                    flush=True,
                )


def _read_options() -> argparse.Namespace:
    """Read the options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.learning", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="few clinics and small sizes; print the page, do not write it"
    )
    parser.add_argument("--jobs", type=int, default=2, help="processes, each with one thread (default 2)")
    parser.add_argument("--fresh", action="store_true", help="delete all stored results first")
    parser.add_argument("--page", action="store_true", help="measure nothing; write the page from stored results")
    for name, help_text in (
        ("again", "measure this method again, for example after a change; repeatable"),
        ("without", "do not measure this method; repeatable"),
    ):
        parser.add_argument(
            f"--{name}", action="append", default=[], type=_parse_method, metavar="METHOD", help=help_text
        )
    return parser.parse_args()


def _parse_method(name: str) -> str:
    """Return the method of this name; upper and lower case are equal."""
    names = {method.lower(): method for method in METHODS}
    if name.lower() not in names:
        raise argparse.ArgumentTypeError(f"unknown method `{name}`; use one of: {'; '.join(METHODS)}")
    return names[name.lower()]


if __name__ == "__main__":
    main()
