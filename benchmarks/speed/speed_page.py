"""Format ``docs/speed.md`` from the results of the parts."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

from benchmarks.batch_rate import (
    BATCH_OPTIONS,
    CLIENTS,
    EVERY_PAIR,
    FIRST_TEN,
    MEMORY_THERAPISTS,
    NAIVE_CLIENTS,
    THERAPISTS,
)
from benchmarks.speed.aims import list_spreads
from benchmarks.speed.earlier_version import EARLIER_COMMIT, EARLIER_NAME, SIZES
from benchmarks.speed.huge_batch import TARGET_CLIENTS, TARGET_THERAPISTS, BatchRates, sum_hours
from benchmarks.speed.large_batch import LARGE_RUNS
from benchmarks.speed.parts import LARGE_CLIENTS, LARGE_THERAPISTS, PARTS_BY_NAME, Results
from benchmarks.speed.spreads import compute_ratios, compute_slope, compute_spread, format_figure, format_spread
from docs.tables import format_table

COMMAND = "python -m benchmarks.speed"
LIBRARIES = ("numpy", "pandas", "scipy", "lightgbm", "pyarrow")
HEAD = """# Speed

Written by `{command}` (`make bench`), with its picture. Python {python}, {libraries}; {cores} cores.

Every aim is a ratio. Both of its numbers come from one run on one machine. Runs of both programs alternate, so that
other load affects both. A figure is the median of the runs; in brackets are the quartiles. Attune and the other program
have one thread each, unless a row names processes.

The **naive script** is [`benchmarks/naive_ranking.py`](../benchmarks/naive_ranking.py): a cross join in pandas, twelve
features, 100 trees of LightGBM with 31 leaves, and a sort. It checks no rules and gives no intervals, bands, reasons or
log. All clinics are synthetic.

"""
OLD_NOTE = "*Measured with an earlier version of the code.*\n\n"
SECONDS_PER_MINUTE = 60


def format_page(results: Results, old: frozenset[str]) -> str:
    """Format all results as Markdown.

    Parameters
    ----------
    results : dict
        The result of each part that was measured.
    old : frozenset of str
        Names of the parts that an earlier version of the code gave; the page names them.
    """
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    head = HEAD.format(command=COMMAND, python=platform.python_version(), libraries=libraries, cores=os.cpu_count())
    sections = [head, format_aims(results, old), "\n![Aims and growth](pictures/speed.png)\n"]
    for part, (title, format_section) in SECTIONS.items():
        if part in results:
            note = OLD_NOTE if part in old else ""
            sections.append(f"\n## {title}\n\n{note}{format_section(results)}")
    return "".join(sections)


def format_aims(results: Results, old: frozenset[str]) -> str:
    """Format the table of aims: measured, allowed, and whether the aim is met."""
    rows = []
    for aim, spread in list_spreads(results):
        limit = f"{'at most' if aim.is_upper else 'at least'} {format_figure(aim.limit)} {aim.unit}"
        measured, verdict = "not measured", ""
        if spread is not None:
            measured = format_spread(spread, f" {aim.unit}")
            verdict = ("yes" if aim.is_met(spread) else "**no**") + (" (earlier code)" if aim.part in old else "")
        rows.append((aim.name, measured, limit, verdict))
    return format_table(("aim", "measured", "allowed", "met"), rows)


def list_growth(results: Results) -> dict[str, dict[str, list[float]]]:
    """Return everything that grows: sizes and seconds by name."""
    series = dict(results.get("growth", {}))
    if "client" in results:
        sizes = sorted(results["client"], key=int)
        seconds = [compute_spread(results["client"][size]["attune"]).median for size in sizes]
        series["one client, by therapists"] = {"sizes": [float(size) for size in sizes], "seconds": seconds}
    return series


def _format_client(results: Results) -> str:
    rows = []
    for therapists, lists in results["client"].items():
        milliseconds = [format_spread(compute_spread([1000 * one for one in lists[name]]))
                        for name in ("attune", "unlogged", "naive")]  # fmt: skip
        ratio = format_spread(compute_spread(compute_ratios(lists["attune"], lists["naive"])), " ×")
        candidates = format_figure(compute_spread(lists["candidates"]).median)
        rows.append((f"{int(therapists):,}", candidates, *milliseconds, ratio))
    heads = ("therapists", "candidates", "Attune, ms", "without the log, ms", "naive script, ms", "Attune by naive")
    return (
        "`open_clinic(folder)` once, then `rank(client, log=True)` for another client each time: rules, bands,\n"
        "intervals, reasons and wishes of the first candidates, and why the others are ruled out, by group. The log\n"
        "is flushed to the disk before a list is shown.\n\n" + format_table(heads, rows)
    )


def _format_cold(results: Results) -> str:
    figures = results["cold"]
    seconds = {name: format_spread(compute_spread(figures[name])) for name in ("attune", "base")}
    rows = [(step, format_spread(compute_spread(values))) for step, values in figures["steps"].items()]
    return (
        f"`attune rank --client` on `examples/riverside` takes {seconds['attune']} s as a new process. "
        f'`python -c "import pandas, lightgbm"` takes {seconds["base"]} s. Steps, all\n'
        "imports first:\n\n" + format_table(("step", "s"), rows)
    )


def _format_batch(results: Results) -> str:
    figures = results["batch"]
    rows = []
    for row in BATCH_OPTIONS:
        runs = figures["rows"].get(row.name, [])
        if runs:
            rates = [run["rate"] for run in runs]
            ratio = format_spread(compute_spread(compute_ratios(rates, figures["naive"])), " ×")
            peak, mib = max(run["peak_mib"] for run in runs), runs[0]["bytes"] / 2**20
            rows.append((row.name, format_spread(compute_spread(rates)), ratio, f"{peak:,.0f}", f"{mib:,.1f}"))
    heads = ("`attune rank --all --out`", "pairs a second", "by the naive script", "peak MiB", "file, MiB")
    return (
        f"{CLIENTS:,} clients × {THERAPISTS:,} therapists. A run is the whole command: start, reading the tables, "
        f"ranking, and the\nfile on the disk. The naive script ranks {NAIVE_CLIENTS} clients one after another in one "
        f"process, without reading\nor writing: {format_spread(compute_spread(figures['naive']))} pairs a second. "
        "Ratios are for the machine, so 2 processes\nof Attune are compared with 1 of the naive script. Memory is "
        "that of all processes.\n\n" + format_table(heads, rows)
    )


def _format_memory(results: Results) -> str:
    figures = results["memory"]
    names = ("reading", EVERY_PAIR.name, FIRST_TEN.name)
    lines = zip(figures["clients"], *(figures[name] for name in names), strict=True)
    rows = [(f"{int(clients):,}", *(f"{value:,.0f}" for value in values)) for clients, *values in lines]
    growth = [(figures[name][-1] - figures[name][0]) * 1024 / (figures["clients"][-1] - figures["clients"][0])
              for name in names]  # fmt: skip
    texts = ", ".join(f"{format_figure(value)} KiB ({name})" for name, value in zip(names, growth, strict=True))
    return (
        f"Peak MiB of all processes, {MEMORY_THERAPISTS} therapists. The tables of the clients are in memory, so the "
        f"peak grows with each client: by\n{texts}. The pairs are not: they are ranked and written in blocks.\n\n"
        + format_table(("clients", "only reading", *names[1:]), rows)
    )


def _format_placement(results: Results) -> str:
    figures = results["placement"]
    seconds = {name: format_spread(compute_spread(figures[name])) for name in ("attune", "base")}
    return (
        "`attune assign` from CSV files, with reasons for the clients without a place: 5,000 clients × 2,000 "
        f"therapists\ntake {seconds['attune']} s. `linear_sum_assignment` takes {seconds['base']} s on the same dense "
        f"matrix.\nPeak memory is {max(figures['peak_mib']):,.0f} MiB.\n"
    )


def _format_training(results: Results) -> str:
    rows = []
    for name, size in SIZES.items():
        figures = results["training"][name]
        ours, earlier = _list_version_cells(figures, "attune"), _list_version_cells(figures, "base")
        ratio = "not run"
        if size.has_base:
            ratio = format_spread(compute_spread(compute_ratios(figures["attune"], figures["base"])), " ×")
        rows.append((f"{size.records:,}", ours[0], earlier[0], ratio, ours[1], earlier[1]))
    heads = ("records", "this version, s", f"{EARLIER_NAME}, s", "ratio", "this version, peak MiB",
             f"{EARLIER_NAME}, peak MiB")  # fmt: skip
    return (
        f"`attune train` as a whole command, without `--trials`. {EARLIER_NAME.capitalize()} is commit "
        f"`{EARLIER_COMMIT}`. Both train on the\nsame clinic; their runs alternate. On 300,000 records the earlier "
        "version was not run:\nits dense matrices would take some 20 GiB (an estimate).\n\n" + format_table(heads, rows)
    )


def _list_version_cells(figures: dict[str, list[float]], version_key: str) -> tuple[str, str]:
    """Return the seconds of one version, and its peak MiB; two empty cells where it did not train."""
    if version_key not in figures:
        return "", ""
    return format_spread(compute_spread(figures[version_key])), f"{max(figures[f'{version_key}_mib']):,.0f}"


def _format_growth(results: Results) -> str:
    rows = []
    for name, one in list_growth(results).items():
        sizes = " · ".join(f"{size:,.0f}" for size in one["sizes"])
        seconds = " · ".join(format_figure(value) for value in one["seconds"])
        rows.append((name, sizes, seconds, f"{compute_slope(one['sizes'], one['seconds']):.2f}"))
    return (
        "Slopes on log-log axes: 1 is time proportional to the number, 0 is time that does not depend on it. An open\n"
        "clinic in one process, without start-up and reading.\n\n"
        + format_table(("what grows", "sizes", "seconds", "slope"), rows)
    )


def _format_rates(results: Results) -> str:
    rates = BatchRates(**results["rates"])
    hours = sum_hours(rates)
    pairs = TARGET_CLIENTS * TARGET_THERAPISTS
    rows = [
        ("rules, every pair", f"{pairs:,}", f"{rates.rules:,.0f}", format_figure(hours.rules)),
        ("everything else, candidates", f"{pairs * rates.share:,.0f}", f"{rates.candidates:,.0f}",
         format_figure(hours.candidates)),
        ("sum", "", "", format_figure(hours.total)),
    ]  # fmt: skip
    naive = ""
    if "batch" in results:
        naive_hours = pairs / compute_spread(results["batch"]["naive"]).median / 3600
        naive = f" The naive script would take {format_figure(naive_hours)} core hours."
    return (
        f"{TARGET_CLIENTS:,} clients × {TARGET_THERAPISTS:,} therapists, first 10 places of each client. This was not "
        f"run: rates of one core were\nmeasured with {TARGET_THERAPISTS:,} therapists, and multiplied. Candidates "
        f"are {rates.share:.1%} of all pairs.\n\n"
        + format_table(("step", "pairs", "of them a second and core", "core hours"), rows)
        + f"\nThe file has {format_figure(hours.file_gib)} GiB. Two cores take {format_figure(hours.total / 2)} hours, "
        f"and 32 cores {format_figure(60 * hours.total / 32)} minutes.{naive}\n"
    )


def _format_large(results: Results) -> str:
    figures = results["large"]
    naive = compute_spread(results["batch"]["naive"]).median if "batch" in results else None
    rows = [
        (run.name, f"{one['seconds'] / SECONDS_PER_MINUTE:,.1f}",
         f"{LARGE_CLIENTS * LARGE_THERAPISTS / one['seconds']:,.0f}",
         f"{format_figure(LARGE_CLIENTS * LARGE_THERAPISTS / one['seconds'] / naive)} ×" if naive else "",
         f"{one['peak_mib']:,.0f}",
         f"{one['bytes'] / 2**20:,.1f}", f"`{one['digest'][:12]}`")
        for run in LARGE_RUNS
        if (one := figures.get(run.name))
    ]  # fmt: skip
    heads = ("`attune rank --all --top 10 --out`", "minutes", "pairs a second", "by the naive script", "peak MiB",
             "file, MiB", "SHA-256")  # fmt: skip
    return (
        f"{LARGE_CLIENTS:,} clients × {LARGE_THERAPISTS:,} therapists on {figures['cores']} cores, from CSV to Parquet "
        f"(`{COMMAND} large`).\nEqual digests are equal files. The rate of the naive script is that of the batch "
        "above: it did not rank this clinic.\n\n" + format_table(heads, rows)
    )


SECTIONS: dict[str, tuple[str, Callable[[dict[str, Any]], str]]] = {
    "client": ("One client", _format_client),
    "cold": ("The first ranking of a new process", _format_cold),
    "batch": ("A batch", _format_batch),
    "memory": ("Memory of a batch, by clients", _format_memory),
    "placement": ("Placement", _format_placement),
    "training": ("Training", _format_training),
    "growth": ("Growth", _format_growth),
    "large": ("400 million pairs", _format_large),
    "rates": ("10 billion pairs", _format_rates),
}
assert SECTIONS.keys() == PARTS_BY_NAME.keys()
