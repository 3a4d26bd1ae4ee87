"""Format the tables of the page; cells are means with their intervals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from benchmarks.learning import means
from benchmarks.learning.feature_ceiling import CEILING_NAME
from benchmarks.learning.means import Mean
from benchmarks.learning.methods import ATTUNE, METHODS
from docs.tables import format_table

MEASURES = {"free": "free choice", "capacity": "under capacity"}


def list_method_means(results: pd.DataFrame, measure: str, mixes: Sequence[str]) -> Iterator[tuple[str, list[Mean]]]:
    """Yield each method measured in these mixes, with its means by outcomes; the feature ceiling is last."""
    for name in (*METHODS, CEILING_NAME):
        method_means = [
            means.compute_mean(results, measure, mixes, method=name, outcomes=size) for size in list_sizes(results)
        ]
        if any(mean.clinics for mean in method_means):
            yield name, method_means


def format_share_table(results: pd.DataFrame, measure: str, mixes: Sequence[str]) -> str:
    """Format methods by outcomes; each cell is a mean and the half-width of its interval."""
    rows = (
        (name, *(format_mean(mean) for mean in method_means))
        for name, method_means in list_method_means(results, measure, mixes)
    )
    return format_table(("method", *format_size_headers(results)), rows)


def format_difference_table(results: pd.DataFrame, measure: str, mixes: Sequence[str]) -> str:
    """Format the difference of Attune and each other method, by outcomes."""
    rows = []
    for name in METHODS:
        differences = means.compute_differences(results, ATTUNE, name)
        method_means = [means.compute_mean(differences, measure, mixes, outcomes=size) for size in list_sizes(results)]
        if name != ATTUNE and any(mean.clinics for mean in method_means):
            rows.append((name, *(format_difference(mean) for mean in method_means)))
    return format_table(("Attune minus", *format_size_headers(results)), rows)


def format_best_peer_table(results: pd.DataFrame, mixes: Sequence[str]) -> str:
    """Format the peer with the highest mean for each mix and size, and the difference of Attune and that peer."""
    rows = []
    for mix in mixes:
        for size in list_sizes(results):
            cells = [cell for measure in MEASURES for cell in _format_best_peer(results, measure, mix, size)]
            if any(cells):
                rows.append((mix, f"{size:,}", *cells))
    return format_table(
        ("mix", "outcomes", *(head for description in MEASURES.values() for head in (description, "Attune minus it"))),
        rows,
    )


def format_mix_table(results: pd.DataFrame, mix: str) -> str:
    """Format methods by outcomes in one mix; each cell is free choice / under capacity."""
    results = results[results["mix"] == mix]
    free, capacity = (dict(list_method_means(results, measure, [mix])) for measure in MEASURES)
    no_means = [Mean(np.nan, np.nan, 0)] * len(list_sizes(results))
    rows = (
        (name, *(" / ".join(format_share(mean.value) for mean in pair) for pair in zip(
            free.get(name, no_means), capacity.get(name, no_means), strict=True)))
        for name in (*METHODS, CEILING_NAME) if name in free or name in capacity
    )  # fmt: skip
    return format_table(("method", *format_size_headers(results)), rows)


def format_half_widths(results: pd.DataFrame, mix: str) -> str:
    """Format the median half-width of the intervals of one mix, free choice / under capacity."""
    results = results[results["mix"] == mix]
    values = [
        [mean.half for _, method_means in list_method_means(results, measure, [mix]) for mean in method_means]
        for measure in MEASURES
    ]
    return " / ".join(
        f"±{format_share(float(np.nanmedian(each)))}" if np.isfinite(each).any() else "–" for each in values
    )


def format_seconds_table(results: pd.DataFrame) -> str:
    """Format the median core seconds of each method that learns, by outcomes."""
    rows = []
    for name, row in METHODS.items():
        median_seconds = results[results["method"] == name].groupby("outcomes")["seconds"].median()
        if row.learns and len(median_seconds):
            rows.append(
                (
                    name,
                    *(
                        f"{median_seconds[size]:.1f}" if size in median_seconds else ""
                        for size in list_sizes(results)
                        if size
                    ),
                )
            )
    return format_table(("method", *format_size_headers(results)[1:]), rows)


def list_sizes(results: pd.DataFrame) -> list[int]:
    """Return the numbers of outcomes in ascending order."""
    return sorted(int(size) for size in results["outcomes"].unique())


def format_size_headers(results: pd.DataFrame) -> tuple[str, ...]:
    """Return the sizes as column headers."""
    return tuple(f"{size:,}" for size in list_sizes(results))


def format_share(value: float) -> str:
    """Format a share or a half-width.

    >>> format_share(0.654), format_share(-0.001), format_share(float("nan"))
    ('.65', '.00', '–')
    """
    return f"{value + 0.0:.2f}".replace("-0.00", "0.00").replace("0.", ".", 1) if np.isfinite(value) else "–"


def format_mean(mean: Mean) -> str:
    """Format a mean with the half-width of its interval; empty if there is no result.

    >>> format_mean(Mean(0.654, 0.03, 10))
    '.65 ±.03'
    """
    if not mean.clinics:
        return ""
    return format_share(mean.value) + (f" ±{format_share(mean.half)}" if np.isfinite(mean.half) else "")


def format_difference(mean: Mean, digits: int = 2) -> str:
    """Format a difference with its interval, and a cross if the whole interval is below 0.

    >>> format_difference(Mean(-0.1, 0.04, 10)), format_difference(Mean(0.1, 0.2, 10))
    ('-.10 [-.14, -.06] ✗', '+.10 [-.10, +.30]')
    """
    if not mean.clinics:
        return ""
    interval = f" [{mean.low:+.{digits}f}, {mean.high:+.{digits}f}]" if np.isfinite(mean.half) else ""
    return f"{mean.value:+.{digits}f}{interval}".replace("0.", ".") + (" ✗" if mean.high < 0 else "")


def _format_best_peer(results: pd.DataFrame, measure: str, mix: str, size: int) -> tuple[str, str]:
    peers = [name for name, row in METHODS.items() if not row.is_attune]
    values = {name: means.compute_mean(results, measure, [mix], method=name, outcomes=size).value for name in peers}
    values = {name: value for name, value in values.items() if np.isfinite(value)}
    if not values:
        return "", ""
    name = max(values, key=values.__getitem__)
    differences = means.compute_mean(means.compute_differences(results, ATTUNE, name), measure, [mix], outcomes=size)
    return f"{name} {format_share(values[name])}", format_difference(differences)
