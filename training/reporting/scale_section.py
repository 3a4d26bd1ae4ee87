"""The section of a model card about goal, task and bond: what is estimated, and how well held-out ratings agree."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from attune_fit.data.clinic.instruments import ALLIANCE_SCALES
from attune_fit.data.small_cells import suppress_small_count

if TYPE_CHECKING:
    from attune_fit.data.arrays import Floats
    from attune_fit.training.crossfit.out_of_fold import OutOfFoldPredictions
    from attune_fit.training.fitting.fit_scales import ScaleFit


def describe_scales(fit: ScaleFit, coverage: Iterable[dict[str, float | int] | None]) -> dict[str, Any]:
    """Return the facts of goal, task and bond, in JSON types.

    Parameters
    ----------
    fit : ScaleFit
    coverage : iterable of dict or None
        Of the intervals of each scale, from :func:`compute_coverage`; None with too few records.

    Returns
    -------
    dict
        ``n``, the number of records that hold all three scales, and ``scales``, a row for each scale: the SD of what
        the model adds to the total, and the errors of held-out ratings, all in POMP. No rows without a model.
    """
    rows = []
    if fit.models is not None:
        held_out: Iterable[Any] = zip(fit.predictions, fit.level_predictions, coverage, strict=True)
        found = list(held_out) or [None] * len(ALLIANCE_SCALES)
        for name, sd, one in zip(ALLIANCE_SCALES, fit.models.fit_sd, found, strict=True):
            rows.append({"scale": name, "sd": float(sd), **(_describe_held_out(*one) if one else {})})
    return {"n": suppress_small_count(fit.n_records), "scales": rows}


def _describe_held_out(
    predictions: OutOfFoldPredictions, level_score: Floats, coverage: dict[str, float | int] | None
) -> dict[str, Any]:
    """Return the errors of the estimates and of the total plus the level of the scale, and the coverage."""
    error, error_of_level = (
        float(np.sqrt(((predictions.y - score) ** 2).mean())) for score in (predictions.score, level_score)
    )
    return {"error": error, "error_of_level": error_of_level, "coverage": coverage}


def format_scales_section(scales: dict[str, Any]) -> Iterable[str]:
    """Yield the section; nothing for the starting model and for cards of earlier versions."""
    if not scales:
        return
    if not scales["scales"]:
        yield (
            "## Goal, task and bond\n\nNot estimated: records that hold all three scales: "
            f"{scales['n']}. At least 30 are needed, on an instrument with these scales."
        )
        return
    lines = ["| scale | SD it adds | error | error of total and level | coverage |", "| --- | --- | --- | --- | --- |"]
    lines += [_format_row(row) for row in scales["scales"]]
    yield (
        f"## Goal, task and bond\n\nFrom {_format_count(scales['n'])} records that hold all three scales. The estimate "
        "of a scale is that of the total plus a deviation. The weights of a deviation are near 0 unless records show "
        "more. The errors are root mean squared errors of held-out ratings. All but coverage are POMP points.\n\n"
        + "\n".join(lines)
    )


def _format_row(row: dict[str, Any]) -> str:
    errors = [f"{row[key]:.2f}" if key in row else "not measured" for key in ("error", "error_of_level")]
    held = row.get("coverage")
    coverage = (
        f"{held['held']:.0%} of {held['n']:,} [{held['low']:.0%}, {held['high']:.0%}]" if held else "not measured"
    )
    return f"| {row['scale']} | {row['sd']:.2f} | {errors[0]} | {errors[1]} | {coverage} |"


def _format_count(count: int | str) -> str:
    return f"{count:,}" if isinstance(count, int) else count
