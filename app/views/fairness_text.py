"""What an audit of lists says in words and numbers, the same in a terminal and on the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from attune_fit.matching.fairness.audit import FairnessAudit
    from attune_fit.matching.fairness.group_comparison import GroupResult
    from attune_fit.matching.fairness.group_metrics import GroupMetric, MetricUnit

DECIMALS = {"percent": 0, "therapists": 1, "points": 2, "days": 0, "times": 2, "clients": 1}
AFTER: dict[str, str] = {"percent": "%", "days": " d", "times": "×"}
NOT_TOLD = "too few"


def number(unit: MetricUnit, value: float, *, signed: bool = False) -> str:
    """A number in its unit; ``signed`` is a difference, of shares in percentage points.

    >>> number("percent", 0.641), number("days", 39.8), number("percent", -0.1, signed=True)
    ('64%', '40 d', '-10 pp')
    """
    shown = round(value * (100 if unit == "percent" else 1), DECIMALS[unit]) + 0.0  # no -0.0
    after = " pp" if signed and unit == "percent" else AFTER.get(unit, "")
    return f"{shown:{'+' if signed else ''}.{DECIMALS[unit]}f}{after}"


def amount(figure: GroupMetric, cell: GroupResult) -> tuple[str, str]:
    """A group's figure, and its interval; why not, where there is none."""
    if cell.here is None:
        return (NOT_TOLD if cell.people is None else "nobody"), ""
    value = number(figure.unit, cell.here.value)
    if cell.here.low is None or cell.here.high is None:
        return value, ""
    return value, f"{number(figure.unit, cell.here.low)} to {number(figure.unit, cell.here.high)}"


def apart(figure: GroupMetric, cell: GroupResult) -> str:
    """How far a group lies from the others, with the interval; empty where nothing is to be compared."""
    if cell.apart is None or cell.apart.low is None or cell.apart.high is None:
        return ""
    ends = [number(figure.unit, end, signed=True).split("×")[0].split()[0] for end in (cell.apart.low, cell.apart.high)]
    return f"{number(figure.unit, cell.apart.value, signed=True)} [{', '.join(ends)}]"


def chance(found: FairnessAudit) -> str:
    """How many differences there are, beside how many chance alone brings about."""
    compared = found.compared
    out = sum(one.stands_out and not one.again for one in compared.cells)
    return (
        f"{compared.looked} differences between a group and all others were looked at. {compared.beyond} lie beyond "
        f"their own 95% interval; if there were none at all, chance would bring about {compared.by_chance:.0f}. "
        f"{out or 'None'} {'stands' if out < 2 else 'stand'} out when all that were looked at are taken into account "
        "(Benjamini-Hochberg, 5%)."
    )


def spread(found: FairnessAudit) -> str:
    """How exposure is spread over the roster; why not, where it cannot be told."""
    if found.spread is None:
        return "How exposure is spread is not told: fewer than ten therapists may be offered."
    least, most = found.spread.fifths[0], found.spread.fifths[-1]
    return (
        f"Attention among the {found.spread.therapists} therapists who may be offered: Gini {found.spread.gini:.2f} "
        f"(0 is a draw by lot). The fifth that gets least beside such a draw gets {least:.0%} of all, the fifth that "
        f"gets most {most:.0%}."
    )


def newcomers(found: FairnessAudit) -> str:
    """What therapists without records get, and what bands would permit; why not, where it cannot be told."""
    new = found.newcomers
    if new is None:
        return "What newcomers get is not told: too few therapists without records in the model, or with."
    times = dict(new.reach)
    return (
        f"{new.therapists} therapists without records get {times[new.lots]:.2f} of what a draw by lot would give them. "
        f"First in every band it would be {times[None]:.2f}; more would set aside estimates that can be told apart "
        "(`newcomer_turns` in clinic.toml)."
    )


def left_out(found: FairnessAudit) -> str:
    """What is not told, and why."""
    few = sum(one.people is None for one in found.compared.cells)
    alike = f" Columns that tell nobody apart: {', '.join(found.alike)}." if found.alike else ""
    return (
        f"Not told: {few} figures of groups of fewer than ten, or hidden so that none such can be computed from the "
        f"others.{alike} A group's difference does not say why there is one."
    )
