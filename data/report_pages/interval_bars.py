"""Values and their intervals as small pictures in the rows of a table: SVG by attributes, its look by classes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from attune_fit.data.report_pages.html_parts import Html

WIDTH, HEIGHT, MARGIN = 300.0, 18.0, 12.0  # units of the picture; a column of a table scales it
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)  # between two ticks, times a power of ten
N_TICKS = 4  # about so many
MIN_RANGE = 3.0  # units; a shorter interval could not be seen behind its point


@dataclass(frozen=True)
class Scale:
    """The axis that all rows of a table share.

    Attributes
    ----------
    low, high : float
        Ends of the axis, low < high.
    ticks : tuple of float
        Values with a label, between the ends.

    Examples
    --------
    >>> scale = Scale.from_values([0.12, 0.31])
    >>> scale.ticks, scale.place(scale.low), scale.place(scale.high)
    ((0.15, 0.2, 0.25, 0.3), 12.0, 288.0)
    """

    low: float
    high: float
    ticks: tuple[float, ...]

    @classmethod
    def from_values(cls, values: Iterable[float | None], including: Iterable[float] = ()) -> Scale:
        """Build an axis that holds every known value, with round ticks.

        Parameters
        ----------
        values : iterable of float or None
            Points and ends of intervals; None and NaN are left out.
        including : iterable of float
            Values that the axis holds in any case, such as zero.
        """
        known = [value for value in (*values, *including) if value is not None and math.isfinite(value)] or [0.0, 1.0]
        low, high = min(known), max(known)
        if high <= low:
            low, high = low - (abs(low) or 1) * 0.1, high + (abs(high) or 1) * 0.1
        step = _choose_step((high - low) / N_TICKS)
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        return cls(low, high, tuple(round(tick * step, 12) + 0.0 for tick in range(first, last + 1)))

    def share(self, value: float) -> float:
        """Return how far along the axis a value is, 0 to 1; one beyond the ends is at the end."""
        return (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)

    def place(self, value: float) -> float:
        """Return the place of a value in the picture of a row."""
        return round(MARGIN + self.share(value) * (WIDTH - 2 * MARGIN), 1)


def draw_interval(
    scale: Scale, value: float, low: float | None, high: float | None, *, css_class: str = "",
    reference: float | None = None, band: tuple[float, float] | None = None,
) -> Html:  # fmt: skip
    """Draw a value and its interval on the axis of its table. The numbers are text in the same row.

    Parameters
    ----------
    scale : Scale
    value : float
    low, high : float or None
        Ends of the interval; None without one.
    css_class : str
        ``is-quiet`` or ``is-out`` for another colour.
    reference : float, optional
        A dotted line, such as zero or the value of all people.
    band : pair of float, optional
        An interval to compare with, behind the value.
    """
    extra = f" {css_class}" if css_class else ""
    parts = [f'<path class="ci-axis" d="M{MARGIN - 6:g} 9H{WIDTH - MARGIN + 6:g}"/>']
    if band is not None:
        parts.insert(0, _draw_range(scale, *band, css_class="ci-band", top=1, height=16))
    if reference is not None:
        parts.append(f'<path class="ci-mean" d="M{scale.place(reference):g} 0V18"/>')
    if low is not None and high is not None:
        parts.append(_draw_range(scale, low, high, css_class=f"ci-range{extra}", top=5.5, height=7))
    parts.append(f'<circle class="ci-point{extra}" cx="{scale.place(value):g}" cy="9" r="5"/>')
    return _wrap(parts, HEIGHT)


def draw_axis(scale: Scale, format_tick: Callable[[float], str], name: str) -> Html:
    """Draw the labels of the ticks, for the head of the column; ``name`` is its name for screen readers."""
    labels = "".join(f'<text x="{scale.place(tick):g}" y="12">{format_tick(tick)}</text>' for tick in scale.ticks)
    group = f'<g class="rb-t">{labels}</g>'
    return Html(f'<span class="vh">{name}</span>{_wrap([group], 16)}')


def draw_bar(share: float, css_class: str = "") -> Html:
    """Draw a bar over a share of its width, 0 to 1."""
    extra, width = f" {css_class}" if css_class else "", round(100 * min(max(share, 0), 1), 1)
    bar = f'<rect class="hb-bar{extra}" x="0" y="2" width="{width:g}" height="8" rx="2"/>'
    return Html(f'<svg class="hb" viewBox="0 0 100 12" aria-hidden="true">{bar}</svg>')


def _draw_range(scale: Scale, low: float, high: float, *, css_class: str, top: float, height: float) -> str:
    left, width = scale.place(low), max(round(scale.place(high) - scale.place(low), 1), MIN_RANGE)
    round_ends = "" if css_class == "ci-band" else f' rx="{height / 2:g}"'
    return f'<rect class="{css_class}" x="{left:g}" y="{top:g}" width="{width:g}" height="{height:g}"{round_ends}/>'


def _choose_step(least: float) -> float:
    """Return the first round step that is not below ``least``."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(step * power for step in STEPS if step * power >= least * (1 - 1e-9))


def _wrap(parts: Iterable[str], height: float) -> Html:
    return Html(f'<svg class="rb" viewBox="0 0 {WIDTH:g} {height:g}" aria-hidden="true">{"".join(parts)}</svg>')
