"""Frame of a plot over two axes: places of values, ticks and names. SVG that scales with the page, look by classes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from attune_fit.data.report_pages.html_parts import Html, escape_text
from attune_fit.data.report_pages.interval_bars import Scale

WIDTH = 500.0
LEFT, RIGHT, TOP, FOOT = 52.0, 484.0, 28.0, 48.0  # of the area; the foot holds the ticks and the name of x
PAD = 8.0  # between the area and the first value


@dataclass(frozen=True)
class PlotFrame:
    """Two axes and the area between them.

    Attributes
    ----------
    x, y : Scale
    height : float, default 300
        Of the whole picture, in units of which its width has 500.

    Examples
    --------
    >>> frame = PlotFrame(Scale.from_values([0.0, 10.0]), Scale.from_values([0.0, 1.0]))
    >>> frame.place_x(0.0), frame.place_x(10.0), frame.place_y(0.0), frame.place_y(1.0)
    (60.0, 476.0, 252.0, 28.0)
    """

    x: Scale
    y: Scale
    height: float = 300.0

    @property
    def bottom(self) -> float:
        """Lower end of the area."""
        return self.height - FOOT

    def place_x(self, value: float) -> float:
        """Return the place of a value of x."""
        return round(LEFT + PAD + self.x.share(value) * (RIGHT - LEFT - 2 * PAD), 1)

    def place_y(self, value: float) -> float:
        """Return the place of a value of y."""
        return round(self.bottom - self.y.share(value) * (self.bottom - TOP), 1)

    def draw_axes(
        self, x_name: str, y_name: str, format_x: Callable[[float], str] | None, format_y: Callable[[float], str]
    ) -> list[str]:
        """Return the lines, labels and names of both axes; x has no labels where ``format_x`` is None."""
        parts = []
        for tick in self.y.ticks:
            y = self.place_y(tick)
            parts.append(f'<path class="grid" d="M{LEFT:g} {y:g}H{RIGHT:g}"/>')
            parts.append(f'<text x="{LEFT - 8:g}" y="{y + 4:g}" text-anchor="end">{escape_text(format_y(tick))}</text>')
        for tick in self.x.ticks if format_x else ():
            label = escape_text(format_x(tick)) if format_x else ""
            parts.append(
                f'<text x="{self.place_x(tick):g}" y="{self.bottom + 20:g}" text-anchor="middle">{label}</text>'
            )
        middle = (LEFT + RIGHT) / 2
        parts.append(f'<text x="{middle:g}" y="{self.height - 8:g}" text-anchor="middle">{escape_text(x_name)}</text>')
        parts.append(f'<text x="4" y="13">{escape_text(y_name)}</text>')
        return parts

    def draw_path(self, points: Iterable[tuple[float, float]], css_class: str, *, is_closed: bool = False) -> str:
        """Return a line through points."""
        places = [f"{self.place_x(x):g} {self.place_y(y):g}" for x, y in points]
        return f'<path class="{css_class}" d="M{"L".join(places)}{"Z" if is_closed else ""}"/>' if places else ""

    def draw_level(self, value: float, css_class: str = "ideal") -> str:
        """Return a level line at a value of y."""
        y = self.place_y(value)
        return f'<path class="{css_class}" d="M{LEFT:g} {y:g}H{RIGHT:g}"/>'

    def draw_note(self, x: float, y: float, text: str, *, dx: float = 0, dy: float = 0, anchor: str = "middle") -> str:
        """Return a short text at a point, with a rim that keeps it readable over lines."""
        place = f'x="{self.place_x(x) + dx:g}" y="{self.place_y(y) + dy:g}" text-anchor="{anchor}"'
        return f'<text class="note" {place}>{escape_text(text)}</text>'

    def wrap(self, description: str, parts: Sequence[str]) -> Html:
        """Return the picture; ``description`` is for people who do not see it."""
        title = f"<title>{escape_text(description)}</title>"
        return Html(
            f'<svg class="plot" viewBox="0 0 {WIDTH:g} {self.height:g}" role="img">{title}{"".join(parts)}</svg>'
        )
