"""The tables of the page: cells are means with their intervals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from benchmarks.learning import means
from benchmarks.learning.means import Mean
from benchmarks.learning.methods import ATTUNE, METHODS
from benchmarks.learning.reach import NAME as REACH
from docs.tables import markdown

WHATS = {"free": "free choice", "capacity": "under capacity"}


def lines(results: pd.DataFrame, what: str, mixes: Sequence[str]) -> Iterator[tuple[str, list[Mean]]]:
    """Each method that was measured in these mixes, with its means by outcomes; how far the features go comes last."""
    for name in (*METHODS, REACH):
        line = [means.mean(results, what, mixes, method=name, outcomes=size) for size in sizes(results)]
        if any(mean.clinics for mean in line):
            yield name, line


def shares(results: pd.DataFrame, what: str, mixes: Sequence[str]) -> str:
    """Methods by outcomes, each cell a mean and the half-width of its interval."""
    rows = ((name, *(mean_cell(mean) for mean in line)) for name, line in lines(results, what, mixes))
    return markdown(("method", *heads(results)), rows)


def less(results: pd.DataFrame, what: str, mixes: Sequence[str]) -> str:
    """Attune less each other method, by outcomes."""
    rows = []
    for name in METHODS:
        apart = means.differences(results, ATTUNE, name)
        line = [means.mean(apart, what, mixes, outcomes=size) for size in sizes(results)]
        if name != ATTUNE and any(mean.clinics for mean in line):
            rows.append((name, *(difference_cell(mean) for mean in line)))
    return markdown(("Attune less", *heads(results)), rows)


def best(results: pd.DataFrame, mixes: Sequence[str]) -> str:
    """For each mix and size the peer with the highest mean, and Attune less that peer."""
    rows = []
    for mix in mixes:
        for size in sizes(results):
            cells = [cell for what in WHATS for cell in _best(results, what, mix, size)]
            if any(cells):
                rows.append((mix, f"{size:,}", *cells))
    return markdown(("mix", "outcomes", *(head for says in WHATS.values() for head in (says, "Attune less it"))), rows)


def both(results: pd.DataFrame, mix: str) -> str:
    """Methods by outcomes in one mix, each cell free choice / under capacity."""
    results = results[results["mix"] == mix]
    free, capacity = (dict(lines(results, what, [mix])) for what in WHATS)
    nothing = [Mean(np.nan, np.nan, 0)] * len(sizes(results))
    rows = (
        (name, *(" / ".join(share_cell(mean.value) for mean in pair) for pair in zip(
            free.get(name, nothing), capacity.get(name, nothing), strict=True)))
        for name in (*METHODS, REACH) if name in free or name in capacity
    )  # fmt: skip
    return markdown(("method", *heads(results)), rows)


def halves(results: pd.DataFrame, mix: str) -> str:
    """Median half-width of the intervals of one mix, free choice / under capacity."""
    results = results[results["mix"] == mix]
    found = [[mean.half for _, line in lines(results, what, [mix]) for mean in line] for what in WHATS]
    return " / ".join(f"±{share_cell(float(np.nanmedian(each)))}" if np.isfinite(each).any() else "–" for each in found)


def seconds(results: pd.DataFrame) -> str:
    """Median seconds of each method that learns, by outcomes."""
    rows = []
    for name, row in METHODS.items():
        took = results[results["method"] == name].groupby("outcomes")["seconds"].median()
        if row.learns and len(took):
            rows.append((name, *(f"{took[size]:.1f}" if size in took else "" for size in sizes(results) if size)))
    return markdown(("method", *heads(results)[1:]), rows)


def sizes(results: pd.DataFrame) -> list[int]:
    """Numbers of outcomes, growing."""
    return sorted(int(size) for size in results["outcomes"].unique())


def heads(results: pd.DataFrame) -> tuple[str, ...]:
    """The sizes as heads of columns."""
    return tuple(f"{size:,}" for size in sizes(results))


def share_cell(value: float) -> str:
    """A share or a half-width.

    >>> share_cell(0.654), share_cell(-0.001), share_cell(float("nan"))
    ('.65', '.00', '–')
    """
    return f"{value + 0.0:.2f}".replace("-0.00", "0.00").replace("0.", ".", 1) if np.isfinite(value) else "–"


def mean_cell(mean: Mean) -> str:
    """A mean with the half-width of its interval; empty where nothing was measured.

    >>> mean_cell(Mean(0.654, 0.03, 10))
    '.65 ±.03'
    """
    if not mean.clinics:
        return ""
    return share_cell(mean.value) + (f" ±{share_cell(mean.half)}" if np.isfinite(mean.half) else "")


def difference_cell(mean: Mean) -> str:
    """A difference with its interval, and a cross where all of it lies below 0.

    >>> difference_cell(Mean(-0.1, 0.04, 10)), difference_cell(Mean(0.1, 0.2, 10))
    ('-.10 [-.14, -.06] ✗', '+.10 [-.10, +.30]')
    """
    if not mean.clinics:
        return ""
    ends = f" [{mean.low:+.2f}, {mean.high:+.2f}]" if np.isfinite(mean.half) else ""
    return f"{mean.value:+.2f}{ends}".replace("0.", ".") + (" ✗" if mean.high < 0 else "")


def _best(results: pd.DataFrame, what: str, mix: str, size: int) -> tuple[str, str]:
    peers = [name for name, row in METHODS.items() if not row.ours]
    found = {name: means.mean(results, what, [mix], method=name, outcomes=size).value for name in peers}
    found = {name: value for name, value in found.items() if np.isfinite(value)}
    if not found:
        return "", ""
    name = max(found, key=found.__getitem__)
    apart = means.mean(means.differences(results, ATTUNE, name), what, [mix], outcomes=size)
    return f"{name} {share_cell(found[name])}", difference_cell(apart)
