"""Charts of a model card from its facts: methods on one axis, calibration, families, weights, earlier trainings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attune_fit.data.report_pages.html_parts import (
    NOTHING,
    Band,
    Html,
    Row,
    TableColumn,
    escape_text,
    format_details,
    format_element,
    format_paragraph,
    format_table,
    join_parts,
)
from attune_fit.data.report_pages.interval_bars import Scale, draw_axis, draw_bar, draw_interval
from attune_fit.data.report_pages.point_plot import PlotPoint, draw_point_plot
from attune_fit.models.pair_effect_verdict import format_correlation

METHOD_LABELS = {"within": "Who suits whom", "over": "Who suits whom, and who is rated high"}
INTERVAL = TableColumn("95% interval", is_short=True)
SAME_FOR_ALL = "the same for all therapists of a client, so it cannot choose between them"
NORMAL_QUANTILE_95 = 1.96


def draw_card_charts(card: dict[str, Any]) -> dict[str, Html]:
    """Return the charts of a card by name; one that has no figures is empty."""
    has_calibration = bool(card.get("calibration"))
    return {
        "methods": format_methods(card),
        "learning": format_learning(card),
        "calibration": format_calibration(card) if has_calibration else NOTHING,
        "families": format_family_bars(card),
    }


def format_methods(card: dict[str, Any], side: str = "within") -> Html:
    """Return the model and simpler methods on one axis; nothing where they were not compared.

    Parameters
    ----------
    card : dict
        Facts of a card.
    side : {"within", "over"}
        Who suits whom; or also who is rated high by other clients.
    """
    methods = card.get("compared") or []
    if not methods:
        return NOTHING
    scale = Scale.from_values((end for one in methods for end in one[side] or ()), including=(0.0,))
    axis = draw_axis(scale, _format_tick, "Chart of the correlations")
    rows = [_format_method(one, one[side], scale, is_main=place == 0) for place, one in enumerate(methods)]
    columns = ("method", TableColumn(axis), TableColumn("r", is_number=True), INTERVAL)
    return format_table(columns, rows, METHOD_LABELS[side], "plain bars")


def format_learning(card: dict[str, Any]) -> Html:
    """Return what learning from the clinic's records changed, on an axis with zero; nothing where not measured."""
    learned = card.get("learned")
    if not learned:
        return NOTHING
    value, low, high = learned
    scale = Scale.from_values((low, high), including=(-0.1, 0.0, 0.1))
    chart = draw_interval(scale, value, low, high, reference=0.0)
    axis = draw_axis(scale, _format_tick, "Chart of the change")
    row = ("change of r by learning", chart, format_correlation(value), _format_ends(low, high))
    result = "Learning helped." if low > 0 else "Learning made it worse." if high < 0 else "No measurable change."
    table = format_table(
        ("figure", TableColumn(axis), TableColumn("r", is_number=True), INTERVAL),
        [row],
        "Change by learning",
        "plain bars",
    )
    return join_parts([table, format_paragraph(result)])


def format_calibration(card: dict[str, Any]) -> Html:
    """Return mean ratings by estimate as a plot and as a table; a sentence where they were not measured."""
    bins = card.get("calibration") or []
    if not bins:
        return format_paragraph("There is no calibration plot: too few records, or a bundle of an earlier version.")
    points = [_build_point(one) for one in bins]
    n_touching = sum(point.low <= point.x <= point.high for point in points)
    n_fewest = min(one["n"] for one in bins)
    description = (
        f"Mean rating by estimate in {len(bins)} groups. {n_touching} of {len(bins)} intervals contain the estimate."
    )
    plot = draw_point_plot(points, description=description, x_name="Estimate, points of 100",
                           y_name="Mean rating, points of 100")  # fmt: skip
    caption = (
        f"{len(bins)} groups of {n_fewest} or more held-out ratings, with 95% intervals. {n_touching} of {len(bins)} "
        "intervals contain the estimate. The dashed line: rated as estimated."
    )
    figure = Html(f"<figure>{plot}{format_element('figcaption', caption, 'hint')}</figure>")
    return join_parts([figure, format_details("The figures as a table", _format_bins(bins, points))])


def format_family_bars(card: dict[str, Any]) -> Html:
    """Return the size of each family of features, as published and now."""
    families = card["families"]
    largest = max((max(one["published"], one["now"]) for one in families), default=0.0) or 1.0
    rows = [
        (one["family"].capitalize(), str(one["features"]), _format_bar(one["published"], largest, "is-quiet"),
         _format_bar(one["now"], largest), str(one["in_trees"]))
        for one in sorted(families, key=lambda one: -one["now"])
    ]  # fmt: skip
    columns = ("family", TableColumn("features", is_number=True), TableColumn("published", is_short=True),
               TableColumn("now", is_short=True), TableColumn("features that trees use", is_number=True))  # fmt: skip
    return format_table(columns, rows, "Size of each family of features")


def format_weight_bars(card: dict[str, Any]) -> Html:
    """Return every weight with two standard deviations, over the published one; by family, the largest first."""
    weights = card["weights"]
    if not weights:
        return NOTHING
    scale = Scale.from_values(end for one in weights for key in ("published", "now") for end in _list_ends(one, key))
    axis = draw_axis(scale, lambda tick: f"{tick:g}", "Chart of the weights")
    rows: list[Row] = []
    for family in dict.fromkeys(one["family"] for one in weights):
        rows.append(Band(family.capitalize()))
        rows += [_format_weight(one, scale) for one in sorted(weights, key=lambda one: -abs(one["now"]))
                 if one["family"] == family]  # fmt: skip
    columns = (
        "feature",
        TableColumn(axis),
        TableColumn("now ± SD", is_short=True),
        TableColumn("published ± SD", is_short=True),
    )
    return format_table(columns, rows, "Every weight", "plain bars")


def _format_method(one: dict[str, Any], r: Sequence[float] | None, scale: Scale, *, is_main: bool) -> tuple[str, ...]:
    name = one["name"][0].upper() + one["name"][1:]
    if r is None:
        return name, format_paragraph(SAME_FOR_ALL, "hint"), "–", ""
    chart = draw_interval(scale, *r, css_class="" if is_main else "is-quiet", reference=0.0)
    value = format_correlation(r[0])
    label = format_element("strong", name) if is_main else escape_text(name)
    return label, chart, format_element("strong", value) if is_main else value, _format_ends(r[1], r[2])


def _build_point(one: dict[str, Any]) -> PlotPoint:
    half = NORMAL_QUANTILE_95 * one["standard_error"]
    return PlotPoint(one["expected"], one["observed"], one["observed"] - half, one["observed"] + half)


def _format_bins(bins: Sequence[dict[str, Any]], points: Sequence[PlotPoint]) -> Html:
    rows = [
        (f"{point.x:.1f}", f"{one['n']:,}", f"{point.y:.1f}", f"{point.low:.1f} to {point.high:.1f}")
        for one, point in zip(bins, points, strict=True)
    ]
    columns = (
        "mean estimate",
        TableColumn("ratings", is_number=True),
        TableColumn("mean rating", is_number=True),
        INTERVAL,
    )
    return format_table(columns, rows, "Mean ratings by estimate")


def _format_weight(one: dict[str, Any], scale: Scale) -> tuple[str, ...]:
    published_low, published_high = _list_ends(one, "published")
    low, high = _list_ends(one, "now")
    chart = draw_interval(scale, one["now"], low, high, reference=0.0, band=(published_low, published_high))
    texts = (f"{one[key]:+.2f} ± {one[f'{key}_sd']:.2f}" for key in ("now", "published"))
    return one["feature"].replace("_", " "), chart, *texts


def _list_ends(one: dict[str, Any], key: str) -> tuple[float, float]:
    return one[key] - 2 * one[f"{key}_sd"], one[key] + 2 * one[f"{key}_sd"]


def _format_bar(value: float, largest: float, css_class: str = "") -> Html:
    return Html(f'{draw_bar(value / largest, css_class)} <span class="num">{value:.2f}</span>')


def _format_tick(value: float) -> str:
    return "0" if value == 0 else format_correlation(value)


def _format_ends(low: float, high: float) -> str:
    return f"{format_correlation(low)} to {format_correlation(high)}"
