"""Compare two versions of Attune in the same clinics: ``python -m benchmarks.learning.compare_versions``.

``measure FOLDER`` stores results of the installed version. To measure another version, put it first on the path::

    git worktree add OLD COMMIT
    mkdir -p OLD/.cache/links/attune_fit && cd OLD/.cache/links/attune_fit
    for part in attune_fit/*.py attune_fit/verbs data features models training matching app; do
        ln -s ../../../$part .; done
    PYTHONPATH=OLD/.cache/links:. python -P -m benchmarks.learning.compare_versions measure FOLDER

``compare BEFORE AFTER`` prints the paired differences. Every result has a digest of its clinic, so that only results
of the same clinic are compared.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

import attune_fit
from benchmarks.learning.__main__ import measure_plans
from benchmarks.learning.clinic_makers import CLINIC_MAKERS
from benchmarks.learning.means import KEY, Mean, average_over_mixes
from benchmarks.learning.measurement import Plan
from benchmarks.learning.methods import ATTUNE, METHODS
from benchmarks.learning.result_files import read_results
from benchmarks.learning.tables import format_difference, format_share
from docs.tables import format_table

KINDS = (  # maker and mix of the clinics
    *(("simulated", mix) for mix in ("balanced", "wishes", "attachment", "problems", "complementarity")),
    *(("other", mix) for mix in ("balanced", "wishes", "complementarity", "threshold")),
)
SIZES = (0, 100, 300, 3_000)
SEEDS = range(200, 216)  # no method is tuned on them, and docs/learning.md has other seeds
MEASURES = ("free", "capacity")


def list_version_plans(
    kinds: Sequence[tuple[str, str]] = KINDS, sizes: Sequence[int] = SIZES, seeds: Sequence[int] = SEEDS
) -> list[Plan]:
    """List every clinic to measure, one of each kind first."""
    return [Plan(maker, mix, seed, tuple(sizes), max(sizes)) for seed in seeds for maker, mix in kinds]


def pair_results(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Pair the results of two versions by clinic, number of outcomes and method.

    Parameters
    ----------
    before, after : DataFrame
        As :func:`benchmarks.learning.result_files.read_results` returns them.

    Returns
    -------
    DataFrame
        ``maker mix seed outcomes method``, and ``free_before free_after capacity_before capacity_after``, shares of
        the oracle's gain. Results without a partner are omitted.

    Raises
    ------
    ValueError
        If two results with the same key are of different clinics.
    """
    pairs = before.merge(after, on=[*KEY, "method"], suffixes=("_before", "_after"))
    is_different = pairs["clinic_before"] != pairs["clinic_after"]
    if is_different.any():
        names = pairs.loc[is_different, KEY[:3]].drop_duplicates().astype(str).agg(" ".join, axis=1)
        raise ValueError(f"these clinics differ between the versions, measure both again: {'; '.join(names)}")
    return pairs


def compute_version_difference(pairs: pd.DataFrame, measure: str) -> Mean:
    """Compute the mean of after minus before with its 95% interval, equal weight to each kind of clinic."""
    return average_over_mixes(
        pairs[f"{measure}_after"] - pairs[f"{measure}_before"], pairs["maker"] + " " + pairs["mix"]
    )


def format_version_table(pairs: pd.DataFrame) -> str:
    """Format before, after, and the difference with its interval, by method, kind of clinic and number of outcomes."""
    heads = [head for measure in ("free choice", "under capacity") for head in (measure, "after minus before")]
    return format_table(("method", "maker", "mix", "outcomes", "clinics", *heads), _list_version_rows(pairs))


def _list_version_rows(pairs: pd.DataFrame) -> Iterator[tuple[str, ...]]:
    for method, of_method in pairs.groupby("method"):
        for _, part in of_method.groupby(KEY[:2] + KEY[3:], sort=False):
            maker, mix, size = part[[*KEY[:2], *KEY[3:]]].iloc[0]
            yield str(method), maker, mix, f"{size:,}", str(len(part)), *_format_version_cells(part)
        for _, part in of_method.groupby("outcomes"):
            size = part["outcomes"].iloc[0]
            yield str(method), "all", "mean", f"{size:,}", str(len(part)), *_format_version_cells(part)


def _format_version_cells(part: pd.DataFrame) -> Iterator[str]:
    for measure in MEASURES:
        before, after = (average_over_mixes(part[f"{measure}_{when}"], part["maker"] + " " + part["mix"]).value
                         for when in ("before", "after"))  # fmt: skip
        yield f"{format_share(before)} → {format_share(after)}"
        yield format_difference(compute_version_difference(part, measure), digits=3)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the installed version, or compare two folders of results."""
    options = _read_options(arguments)
    if options.command == "compare":
        print(format_version_table(pair_results(read_results(options.before), read_results(options.after))))
        return
    print(f"Version measured: {Path(attune_fit.__file__).parent}", flush=True)
    plans = list_version_plans(options.kinds, options.sizes, options.seeds)
    measure_plans(plans, options.methods, options.folder, options.jobs)


def _read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.learning.compare_versions", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    commands = parser.add_subparsers(dest="command", required=True)
    measure = commands.add_parser("measure", help="measure what is missing in a folder")
    measure.add_argument("folder", type=Path)
    measure.add_argument("--methods", nargs="+", choices=list(METHODS), default=[ATTUNE], metavar="METHOD")
    measure.add_argument("--kinds", nargs="+", type=parse_kind, default=KINDS, metavar="MAKER/MIX")
    measure.add_argument("--sizes", nargs="+", type=int, default=SIZES, help="numbers of outcomes")
    measure.add_argument("--seeds", type=parse_seeds, default=SEEDS, metavar="FIRST-LAST")
    measure.add_argument("--jobs", type=int, default=1, help="processes, each with one thread (default 1)")
    compare = commands.add_parser("compare", help="print the paired differences of two folders")
    compare.add_argument("before", type=Path)
    compare.add_argument("after", type=Path)
    return parser.parse_args(arguments)


def parse_kind(text: str) -> tuple[str, str]:
    """Parse ``maker/mix``.

    >>> parse_kind("other/threshold")
    ('other', 'threshold')
    """
    maker, _, mix = text.partition("/")
    if maker not in CLINIC_MAKERS or not mix:
        raise argparse.ArgumentTypeError(f"unknown kind `{text}`: use MAKER/MIX, a maker of {', '.join(CLINIC_MAKERS)}")
    return maker, mix


def parse_seeds(text: str) -> range:
    """Parse ``first-last``, both included.

    >>> parse_seeds("200-203")
    range(200, 204)
    """
    first, _, last = text.partition("-")
    if not (first.isdigit() and (last or first).isdigit()):
        raise argparse.ArgumentTypeError(f"seeds `{text}`: use FIRST-LAST, such as 200-215")
    return range(int(first), int(last or first) + 1)


if __name__ == "__main__":
    main(sys.argv[1:])
