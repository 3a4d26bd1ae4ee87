"""Format the numbers and sentences of a fairness audit, the same for the terminal and the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attune_fit.app.terminal.console import format_count
from attune_fit.data.small_cells import MIN_GROUP_SIZE

if TYPE_CHECKING:
    from attune_fit.matching.fairness.audit import FairnessAudit
    from attune_fit.matching.fairness.group_comparison import GroupResult
    from attune_fit.matching.fairness.group_metrics import GroupMetric, MetricUnit

DECIMALS = {"percent": 0, "therapists": 1, "points": 2, "days": 0, "times": 2, "clients": 1}
UNIT_SUFFIXES: dict[str, str] = {"percent": "%", "days": " d", "times": "×"}
SUPPRESSED, NO_PEOPLE = "too few", "none"  # printed in the place of a number


def format_number(unit: MetricUnit, value: float, *, signed: bool = False) -> str:
    """Return a number with its unit; ``signed`` marks a difference, which is in percentage points for a percentage.

    >>> format_number("percent", 0.641), format_number("days", 39.8), format_number("percent", -0.1, signed=True)
    ('64%', '40 d', '-10 pp')
    """
    rounded = round(value * (100 if unit == "percent" else 1), DECIMALS[unit]) + 0.0  # no -0.0
    suffix = " pp" if signed and unit == "percent" else UNIT_SUFFIXES.get(unit, "")
    return f"{rounded:{'+' if signed else ''}.{DECIMALS[unit]}f}{suffix}"


def format_amount(metric: GroupMetric, cell: GroupResult) -> tuple[str, str]:
    """Return a group's metric and its interval; without a metric, why there is none."""
    if cell.here is None:
        return (SUPPRESSED if cell.people is None else NO_PEOPLE), ""
    value = format_number(metric.unit, cell.here.value)
    if cell.here.low is None or cell.here.high is None:
        return value, ""
    return value, f"{format_number(metric.unit, cell.here.low)} to {format_number(metric.unit, cell.here.high)}"


def format_difference(metric: GroupMetric, cell: GroupResult) -> str:
    """Return a group's metric less that of all others, with its interval; empty where there is no comparison."""
    if cell.apart is None or cell.apart.low is None or cell.apart.high is None:
        return ""
    ends = [
        format_number(metric.unit, end, signed=True).split("×")[0].split()[0]
        for end in (cell.apart.low, cell.apart.high)
    ]
    return f"{format_number(metric.unit, cell.apart.value, signed=True)} [{', '.join(ends)}]"


def summarize_chance(audit: FairnessAudit) -> str:
    """Return how many differences exceed their interval, and how many would do so by chance (Benjamini-Hochberg)."""
    compared = audit.compared
    n_significant = sum(cell.stands_out and not cell.again for cell in compared.cells)
    return (
        f"{format_count(compared.looked, 'difference')} between a group and all others tested. {compared.beyond} "
        f"outside their own 95% interval; without any true difference, chance gives {compared.by_chance:.0f}. "
        f"{n_significant} significant after correction for all tests (Benjamini-Hochberg, 5%)."
    )


def summarize_exposure(audit: FairnessAudit) -> str:
    """Return how exposure is spread over the roster (Gini coefficient); or why that is hidden."""
    if audit.spread is None:
        return f"The spread of exposure is hidden: fewer than {MIN_GROUP_SIZE} therapists are available to any client."
    least, most = audit.spread.fifths[0], audit.spread.fifths[-1]
    return (
        f"Exposure of the {audit.spread.therapists} available therapists: Gini {audit.spread.gini:.2f} (0 is a random "
        f"order). The fifth with the least, compared with a random order, gets {least:.0%} of all exposure. The fifth "
        f"with the most gets {most:.0%}."
    )


def summarize_newcomers(audit: FairnessAudit) -> str:
    """Return the exposure of therapists without records, and the most that bands permit; or why that is hidden."""
    exposure = audit.newcomers
    if exposure is None:
        return "The exposure of newcomers is hidden: too few therapists without records in the model, or with records."
    times = dict(exposure.reach)
    return (
        f"{exposure.therapists} therapists without records get {times[exposure.newcomer_weight]:.2f} times the "
        f"exposure of a random order. First in every band, they would get {times[None]:.2f} times "
        f"(`newcomer_weight` in clinic.toml). "
        "To go beyond that, a list would have to put lower bands first."
    )


def summarize_suppression(audit: FairnessAudit) -> str:
    """Return how many metrics are hidden, and why (small cells)."""
    n_hidden = sum(cell.people is None for cell in audit.compared.cells)
    alike = f" Columns with one group only: {', '.join(audit.alike)}." if audit.alike else ""
    return (
        f"{format_count(n_hidden, 'figure')} hidden: groups under {MIN_GROUP_SIZE} people, and groups from which such "
        f"a group could be computed.{alike} A group's difference does not show why there is one."
    )
