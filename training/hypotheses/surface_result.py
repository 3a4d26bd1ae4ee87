"""Result of a response surface: parameters, the checklist of a match, simpler shapes, and the points of its plots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from attune_fit.data.arrays import Bools, Floats
from attune_fit.data.small_cells import suppress_small_count
from attune_fit.training.hypotheses.surface_checklist import SurfaceCheck, check_surface, decide_match
from attune_fit.training.multilevel.constrained_surfaces import ConstrainedSurface, compare_constrained_surfaces
from attune_fit.training.multilevel.effect_test import EffectTest
from attune_fit.training.multilevel.response_surface import (
    MIN_THERAPISTS,
    ResponseSurface,
    SurfaceEstimate,
    fit_response_surface,
)

if TYPE_CHECKING:
    from attune_fit.training.hypotheses.hypothesis import Hypothesis
    from attune_fit.training.hypotheses.lab_records import LabRecords

METHOD = "response surface"
MIN_VALUES = 3  # of each number; fewer have no curve
N_DRAWS = 999
N_GRID = 33  # points on each axis of the contour plot
N_LINE = 21  # points on each line
CENTRAL_QUANTILES = (0.025, 0.975)
PLOT_DISTANCE = 2.4477  # SD from the middle of the records: 95% of a normal distribution; nothing is drawn beyond
PLOT_DIGITS = 4
HALF_SD = 0.5  # a larger difference counts as a mismatch


@dataclass(frozen=True)
class SurfacePlot:
    """Points of the plots of a surface; the outcome is in its own unit.

    Attributes
    ----------
    ticks : tuple of float
        Values of the client's number and of the therapist's, the same for both axes, in units of the surface.
    outcome : tuple of tuple of float or None
        Outcome at each therapist's value (outer) and client's value (inner); None far from all records.
    congruence, incongruence : tuple of (at, value, low, high)
        Along the lines on which both numbers are equal, and on which one is the other's negative.
    ellipse : tuple of float
        Mean and standard deviation of the client's and of the therapist's number, and their correlation.
    """

    ticks: tuple[float, ...]
    outcome: tuple[tuple[float | None, ...], ...]
    congruence: tuple[tuple[float, float, float, float], ...]
    incongruence: tuple[tuple[float, float, float, float], ...]
    ellipse: tuple[float, float, float, float, float]


@dataclass(frozen=True)
class SurfaceResult:
    """What the surface of a hypothesis shows.

    Attributes
    ----------
    client, therapist : str
        The columns.
    is_common_scale : bool
        Whether both numbers are on one scale, so that equal means equal; else equal places among clients and among
        therapists.
    scale : str
        The same in words, with the centres and units.
    effect : EffectTest
        Minus a4: how much a mismatch costs. Positive: a match is better.
    verdict, sentence : str
        ``supported``, ``not supported`` or ``these data cannot tell``, by the checklist; why, in words.
    checks : tuple of SurfaceCheck
    coefficients, parameters, axis : tuple of SurfaceEstimate
        b1 to b5; a1 to a5; p10 and p11.
    shapes : tuple of ConstrainedSurface
    sides : mapping of str to int or str
        Records in which the client's number is higher, the therapist's is higher, and in which both are within half a
        SD; small counts are hidden.
    plot : SurfacePlot or None
        None without a surface.
    """

    client: str
    therapist: str
    is_common_scale: bool
    scale: str
    effect: EffectTest
    verdict: str
    sentence: str
    checks: tuple[SurfaceCheck, ...] = ()
    coefficients: tuple[SurfaceEstimate, ...] = ()
    parameters: tuple[SurfaceEstimate, ...] = ()
    axis: tuple[SurfaceEstimate, ...] = ()
    shapes: tuple[ConstrainedSurface, ...] = ()
    sides: Mapping[str, int | str] = field(default_factory=dict)
    plot: SurfacePlot | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the result by the names of its attributes; a number that is not finite is NaN as in the arrays."""
        return asdict(self)


def build_surface_result(records: LabRecords, hypothesis: Hypothesis) -> SurfaceResult:
    """Fit the surface of a hypothesis to its records, and conclude by the checklist.

    Parameters
    ----------
    records : LabRecords
        Of kind ``surface``.
    hypothesis : Hypothesis
        ``direction`` "+": a match is better; "-": a difference is better; "both": either.

    Returns
    -------
    SurfaceResult
        With fewer than :data:`MIN_THERAPISTS` therapists: no surface, and the verdict that these data cannot tell.
    """
    feature, is_common = hypothesis.feature, has_common_scale(hypothesis)
    x, z, scale = rescale_numbers(records, is_common=is_common)
    names = (str(feature.client), str(feature.therapist), is_common, scale)
    problem, reason = find_surface_problem(records)
    if problem:
        effect = EffectTest.without_result(METHOD, problem, n=len(records), n_clusters=records.n_therapists,
                                           alpha=hypothesis.alpha)  # fmt: skip
        return SurfaceResult(*names, effect, "these data cannot tell", reason)
    mean, sd = float(records.y.mean()), float(records.y.std())
    y = (records.y - mean) / sd
    covariates = records.covariates[:, list_covariates(records)]
    surface = fit_response_surface(y, records.therapist, x, z, covariates, level=1 - hypothesis.alpha, draws=N_DRAWS,
                                   seed=hypothesis.seed)  # fmt: skip
    effect = build_match_effect(surface, hypothesis.alpha)
    sides = _split_sides(x, z)
    checks = check_surface(surface, effect, [int(side.sum()) for side in sides.values()], hypothesis.direction,
                           hypothesis.smallest_effect)  # fmt: skip
    shapes = compare_constrained_surfaces(surface, y, records.therapist, x, z, covariates)
    return SurfaceResult(
        *names, effect, *decide_match(checks, effect), checks, surface.coefficients, surface.parameters,
        surface.axis, shapes, _suppress_counts(sides), draw_surface_points(surface, x, z, mean, sd),
    )  # fmt: skip


def find_surface_problem(records: LabRecords) -> tuple[str, str]:
    """Find why records have no surface: a key of ``PROBLEMS`` of effect tests, and the reason; both can be empty."""
    if records.n_therapists < MIN_THERAPISTS:
        return "few-therapists", (
            f"A surface needs {MIN_THERAPISTS} therapists or more; these records have {records.n_therapists}."
        )
    numbers = (records.client_variable, records.therapist_trait)
    if any(one is not None and len(np.unique(one)) < MIN_VALUES for one in numbers) or not np.ptp(records.y):
        return (
            "no-variation",
            f"A surface needs {MIN_VALUES} different values of each number, and an outcome that varies.",
        )
    return "", ""


def has_common_scale(hypothesis: Hypothesis) -> bool:
    """Return whether the file gives both numbers one zero: the pooled mean, or the same number for both sides."""
    of_client, of_therapist = hypothesis.feature.centers
    return of_client == of_therapist and of_client not in ("mean", "median")


def rescale_numbers(records: LabRecords, *, is_common: bool) -> tuple[Floats, Floats, str]:
    """Return the client's and the therapist's number in units in which "equal" has a meaning, and these in words.

    On one scale both keep the unit that they share. Else each is in its own SD, therapists counted once.
    """
    if records.client_variable is None or records.therapist_trait is None:
        raise ValueError("A surface needs a number of the client and a number of the therapist.")
    x, z = records.client_variable, records.therapist_trait
    if is_common:
        return x, z, f"Both numbers are on one scale. {_describe_scale(records, 'client', 1.0)}"
    x_sd, z_sd = float(x.std()), float(z[np.unique(records.therapist, return_index=True)[1]].std())
    text = "Each number is in its own SD, so that equal means an equal place among clients and among therapists."
    ends = (_describe_scale(records, "client", x_sd), _describe_scale(records, "therapist", z_sd))
    return x / x_sd, z / z_sd, " ".join((text, *ends))


def list_covariates(records: LabRecords) -> list[int]:
    """Return the columns of the covariates that are no part of the surface."""
    return [column for column, name in enumerate(records.covariate_names) if not name.startswith("part: ")]


def build_match_effect(surface: ResponseSurface, alpha: float) -> EffectTest:
    """Build the test of minus a4: how much a mismatch costs, in SD of the outcome."""
    a4 = surface.parameters[3]
    return EffectTest.from_estimate(METHOD, -a4.value, a4.se, a4.df, n=surface.n, n_clusters=surface.n_therapists,
                                    alpha=alpha)  # fmt: skip


def draw_surface_points(surface: ResponseSurface, x: Floats, z: Floats, mean: float, sd: float) -> SurfacePlot:
    """Compute the points of the plots, over the middle 95% of both numbers."""
    low, high = map(float, np.quantile(np.concatenate([x, z]), CENTRAL_QUANTILES))
    ticks = np.linspace(low, high, N_GRID)
    columns, rows = np.meshgrid(ticks, ticks)
    ellipse = (float(x.mean()), float(x.std()), float(z.mean()), float(z.std()), float(np.corrcoef(x, z)[0, 1]))
    is_near = _measure_distance(columns, rows, ellipse) <= PLOT_DISTANCE
    outcome = mean + sd * surface.predict_outcome(columns, rows)
    line = np.linspace(low, high, N_LINE)
    return SurfacePlot(
        ticks=tuple(map(float, ticks)),
        outcome=tuple(tuple(round(float(one), PLOT_DIGITS) if near else None for one, near in zip(*row, strict=True))
                      for row in zip(outcome, is_near, strict=True)),
        congruence=_draw_line(surface, line, line, mean, sd, ellipse),
        incongruence=_draw_line(surface, line, -line, mean, sd, ellipse),
        ellipse=ellipse,
    )  # fmt: skip


def _draw_line(
    surface: ResponseSurface, x: Floats, z: Floats, mean: float, sd: float, ellipse: Sequence[float]
) -> tuple[tuple[float, float, float, float], ...]:
    """Return the outcome with its interval along a line, where there are records."""
    low, high = surface.predict_interval(x, z)
    values = np.column_stack([x, *(mean + sd * one for one in (surface.predict_outcome(x, z), low, high))])
    values = values[_measure_distance(x, z, ellipse) <= PLOT_DISTANCE]
    return tuple((float(at), float(value), float(lower), float(upper)) for at, value, lower, upper in values)


def _measure_distance(x: Floats, z: Floats, ellipse: Sequence[float]) -> Floats:
    """Return how far points are from the middle of the records, in SD (Mahalanobis)."""
    x_mean, x_sd, z_mean, z_sd, r = ellipse
    u, v = (x - x_mean) / x_sd, (z - z_mean) / z_sd
    return np.sqrt(np.maximum(u * u - 2 * r * u * v + v * v, 0) / max(1 - r * r, 1e-9))


def _split_sides(x: Floats, z: Floats) -> dict[str, Bools]:
    return {"client higher": x - z > HALF_SD, "therapist higher": z - x > HALF_SD, "equal": np.abs(x - z) <= HALF_SD}


def _suppress_counts(sides: Mapping[str, Bools]) -> dict[str, int | str]:
    """Return the counts; where one is small, all three are hidden: the total is known."""
    counts = {name: suppress_small_count(int(side.sum())) for name, side in sides.items()}
    if any(isinstance(count, str) for count in counts.values()):
        return {name: "hidden" if isinstance(count, int) and count else count for name, count in counts.items()}
    return counts


def _describe_scale(records: LabRecords, side: str, times: float) -> str:
    scale = records.scales.get(side)
    if scale is None:
        return ""
    whose = "" if times == 1.0 else f" of the {side}'s number"
    return f"0{whose} is {scale.center:.4g}, and 1 unit is {scale.sd * times:.4g}."
