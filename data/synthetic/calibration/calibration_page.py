"""Format the calibration of a synthetic clinic as one HTML page with embedded pictures, without external files."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from itertools import groupby

from attune_fit.data.report_pages.html_parts import (
    Html,
    TableColumn,
    escape_text,
    format_details,
    format_element,
    format_facts,
    format_list,
    format_table,
    format_tag,
    join_parts,
)
from attune_fit.data.report_pages.interval_bars import Scale, draw_axis, draw_interval
from attune_fit.data.report_pages.report_page import Answer, Section, format_report_page
from attune_fit.data.synthetic.calibration import calibration_charts
from attune_fit.data.synthetic.calibration.calibration_comparison import (
    VERDICT_MARKS,
    VERDICT_WORDS,
    StatisticComparison,
    summarize_verdicts,
)
from attune_fit.data.synthetic.calibration.observed_clinic import ObservedClinic
from attune_fit.data.synthetic.world import World

TABLE_HEADERS = ("statistic", "published", "simulated", "clinics", "", "source, and what to know")
PAGE_TITLE = "Calibration: synthetic clinic and published statistics"
LIMIT = calibration_charts.MAX_HALF_WIDTHS
SCALE = Scale(-LIMIT, LIMIT, (-1.0, 1.0))  # of every row: the published interval goes from -1 to 1
TICK_NAMES = {-1.0: "lowest", 1.0: "highest"}
KIND_TAGS = {"check": "", "input": "built in", "orientation": "other population"}


def format_calibration_page(
    comparisons: Sequence[StatisticComparison], world: World, clients: int, therapists: int, seed: int
) -> str:
    """Return the calibration page as HTML.

    Parameters
    ----------
    comparisons : sequence of StatisticComparison
        At least one row.
    world, clients, therapists, seed
        Parameters of the clinic in the charts.
    """
    observations = ObservedClinic.from_world(world, clients, therapists, seed)
    facts = (("Clinics", f"{len(comparisons[0].values)}"), ("Clients of each", f"{clients:,}"),
             ("Therapists of each", f"{therapists:,}"), ("First seed", str(seed)))  # fmt: skip
    sections = [
        *_build_miss_section([row for row in comparisons if row.verdict == "misses"]),
        *(_build_family(*group) for group in groupby(comparisons, key=lambda row: row.statistic.family)),
        Section("charts", "Charts of the first clinic", _format_charts(observations)),
    ]
    return format_report_page(PAGE_TITLE, facts, _build_answer(comparisons), sections)


def format_cells(row: StatisticComparison) -> tuple[str, ...]:
    """Format a comparison as the cells of one table row, in the order of :data:`TABLE_HEADERS`."""
    name = row.statistic.name + {"check": "", "input": " ᵢ", "orientation": " ₒ"}[row.statistic.kind]
    return name, row.published_text, row.simulated_text, row.range_text, VERDICT_MARKS[row.verdict], row.source_note


def _build_answer(comparisons: Sequence[StatisticComparison]) -> Answer:
    """Return how many statistics match, those that were not built in first, and how to read the page."""
    first, *others = summarize_verdicts(comparisons).split(". ")
    more = join_parts([
        format_element("p", ". ".join(others)),
        format_element("p", "A world that differs on purpose misses on purpose.", "hint"),
    ])  # fmt: skip
    return Answer(f"{first.rstrip('.')}.", more, "How to read it", format_list([
        "Match: the mean over the clinics is in the published interval, and its own 95% interval is not wider.",
        "Miss: the whole interval is outside. Undecided: the clinics are too few or too small.",
        "Grey area: the published interval. Dot and line: the mean over the clinics and its 95% interval. Each row has "
        "its own scale.",
        "Built in: the simulator uses the figure, so that a match checks the simulator and not the world.",
    ]))  # fmt: skip


def _build_miss_section(rows: Sequence[StatisticComparison]) -> Iterator[Section]:
    """Yield the statistics that miss, with what explains them; nothing where all match."""
    if rows:
        content = join_parts([_format_rows(rows, "Statistics that miss"), _format_sources(rows)])
        yield Section("misses", "Statistics that miss", content, str(len(rows)))


def _build_family(family: str, rows: Iterator[StatisticComparison]) -> Section:
    listed = list(rows)
    n_missed = sum(row.verdict == "misses" for row in listed)
    content = join_parts([_format_rows(listed, family), format_details("Sources and notes", _format_sources(listed))])
    anchor = "family-" + "".join(one if one.isalnum() else "-" for one in family.lower())
    return Section(anchor, family[0].upper() + family[1:], content, f"{n_missed} miss" if n_missed else "")


def _format_rows(rows: Sequence[StatisticComparison], label: str) -> Html:
    axis = draw_axis(SCALE, lambda tick: TICK_NAMES[tick], "Chart on the scale of the published interval")
    names = ("simulated", "published", "clinics", "result")
    columns = [TableColumn("statistic"), TableColumn(axis), *(TableColumn(name, is_short=True) for name in names)]
    return format_table(columns, map(_format_row, rows), label, "plain bars")


def _format_row(row: StatisticComparison) -> tuple[str, ...]:
    kind = KIND_TAGS[row.statistic.kind]
    name = join_parts([row.statistic.name, format_tag(kind) if kind else ""])
    return name, _draw_comparison(row), row.simulated_text, row.published_text, row.range_text, _format_verdict(row)


def _format_verdict(row: StatisticComparison) -> Html:
    """Return the verdict as a mark and a word; a miss is in a frame."""
    word = VERDICT_WORDS.get(row.verdict, "not judged").removesuffix(" at this size")
    text = f"{VERDICT_MARKS[row.verdict]} {word}".strip()
    return format_tag(text, is_strong=True) if row.verdict == "misses" else escape_text(text)


def _draw_comparison(row: StatisticComparison) -> Html:
    """Draw the simulated mean and its interval over the published interval, which goes from -1 to 1."""
    middle, half = calibration_charts.compute_published_scale(row)
    low, high = ((end - middle) / half for end in row.compute_interval())
    ends = [(end - middle) / half for end in row.statistic.bounds]
    css_class = {"misses": "is-out", "not judged": "is-quiet"}.get(row.verdict, "")
    return draw_interval(SCALE, (row.mean - middle) / half, low, high, css_class=css_class, band=(ends[0], ends[1]))


def _format_sources(rows: Sequence[StatisticComparison]) -> Html:
    return format_facts((row.statistic.name, row.source_note) for row in rows)


def _format_charts(observations: ObservedClinic) -> Html:
    figures = (
        _format_picture(png, caption) for caption, png in calibration_charts.draw_single_charts(observations).items()
    )
    return Html(f'<div class="charts">{"".join(figures)}</div>')


def _format_picture(png: bytes, caption: str) -> str:
    image = f'<img alt="" src="data:image/png;base64,{b64encode(png).decode()}">'
    return f'<figure>{image}<figcaption class="hint">{escape_text(caption)}</figcaption></figure>'
