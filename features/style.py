"""How the therapist works against how the client wants to work: the four scales of the C-NIP.

All of it is a hypothesis. The one direct test of style matching found nothing for alliance or outcome (Cooper 2021), so
the weights are near zero and a clinic's own outcomes decide. Therapists describe themselves, and do so in extremes: a
squared gap of one pair says as much about that habit as about the two, which is why :func:`compute_style_agreement` stands beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, reduce

import numpy as np

from attune_fit.data.arrays import Floats
from attune_fit.data.published_statistics import read_published_statistics
from attune_fit.features.feature import Feature
from attune_fit.features.pairs import Pairs

GAP_NORM = (
    2.0,
    2.8,
)  # a squared difference of two independent people, in SD², is twice a chi-square of one: mean 2, SD 2.8
DISTANCE_NORM = (2.0, 1.4)  # the mean of four such
SHORTFALL_NORM = (
    0.35,
    0.4,
)  # SD; half the clients feel strongly on a scale, half the therapists then fall short, by about .7
AGREEMENT_NORM = (0.0, 0.5)  # the mean of four products of two standard numbers
CLOSENESS_NORM = (
    0.43,
    0.13,
)  # of two independent people, who are 1.4 SD apart: mean .43, SD .27; the mean of four such


@dataclass(frozen=True)
class StyleScale:
    """One C-NIP scale."""

    name: str

    @property
    def preference_column(self) -> str:
        """The client's column."""
        return f"{self.name}_preference"

    @property
    def style_column(self) -> str:
        """The therapist's column."""
        return f"{self.name}_style"

    def read_published_value(self, part: str) -> float:
        """``mean``, ``sd``, or a strong-preference cut-off (``from``, ``to``), in points."""
        return read_published_statistics()[f"cnip_{self.name}_{part}"].value


STYLE_SCALES: tuple[StyleScale, ...] = (
    StyleScale("directiveness"),  # the therapist's (+) or the client's (-)
    StyleScale("emotional_intensity"),  # (+), or reserve (-)
    StyleScale("past_focus"),  # (+), or present focus (-)
    StyleScale("warm_support"),  # (+), or focused challenge (-)
)


def compute_scale_gap(pairs: Pairs, scale: StyleScale) -> Floats:
    """Squared difference of wanted and offered, in squared SD of the scale, >= 0; NaN where either is unknown."""
    difference: Floats = pairs.take_client_numbers(scale.preference_column) - pairs.take_therapist_numbers(
        scale.style_column
    )
    return (difference / scale.read_published_value("sd")) ** 2


def compute_scale_shortfall(pairs: Pairs, scale: StyleScale) -> Floats:
    """How far the therapist falls short of a strong preference, in SD of the scale, >= 0.

    0 where the client has no strong preference by the published cut-offs; NaN where either side is unknown.
    """
    wanted, offered = (
        pairs.take_client_numbers(scale.preference_column),
        pairs.take_therapist_numbers(scale.style_column),
    )
    high, low = scale.read_published_value("from"), scale.read_published_value("to")
    short = np.where(wanted >= high, high - offered, np.where(wanted <= low, offered - low, 0.0))
    known = ~np.isnan(wanted) & ~np.isnan(offered)
    return np.where(known, np.maximum(short, 0) / scale.read_published_value("sd"), np.nan)


def compute_scale_closeness(pairs: Pairs, scale: StyleScale) -> Floats:
    """How near the two are, e to the minus difference in SD of the scale, 0-1; NaN where either is unknown.

    Likeness falls off with distance as an exponential (Shepard 1987, Science 237:1317, 10.1126/science.3629243): the
    first step apart costs most, and an extreme self-rating no more than a large one.
    """
    difference: Floats = pairs.take_client_numbers(scale.preference_column) - pairs.take_therapist_numbers(
        scale.style_column
    )
    return np.asarray(np.exp(-np.abs(difference) / scale.read_published_value("sd")))


def compute_scale_product(pairs: Pairs, scale: StyleScale) -> Floats:
    """Wanted times offered, each from the middle of the scale and in SD; > 0 where both lean the same way."""
    middle, spread = scale.read_published_value("mean"), scale.read_published_value("sd")
    product: Floats = (pairs.take_client_numbers(scale.preference_column) - middle) * (
        pairs.take_therapist_numbers(scale.style_column) - middle
    )
    return product / spread**2


def compute_style_distance(pairs: Pairs) -> Floats:
    """Mean of :func:`compute_scale_gap` over the scales known on both sides; NaN where none is."""
    return _average_known_scales(pairs, compute_scale_gap)


def compute_style_shortfall(pairs: Pairs) -> Floats:
    """Mean of :func:`compute_scale_shortfall` over the scales known on both sides; NaN where none is."""
    return _average_known_scales(pairs, compute_scale_shortfall)


def compute_style_agreement(pairs: Pairs) -> Floats:
    """Mean of :func:`compute_scale_product` over the scales known on both sides; NaN where none is.

    The part of the squared distance that belongs to the pair alone: extremes of one side cancel out of it.
    """
    return _average_known_scales(pairs, compute_scale_product)


def compute_style_closeness(pairs: Pairs) -> Floats:
    """Mean of :func:`compute_scale_closeness` over the scales known on both sides, 0-1; NaN where none is."""
    return _average_known_scales(pairs, compute_scale_closeness)


def _average_known_scales(pairs: Pairs, one: Callable[[Pairs, StyleScale], Floats]) -> Floats:
    """Mean over the scales where it is known, without holding all of them at once."""
    values = (one(pairs, scale) for scale in STYLE_SCALES)
    parts = ((np.nan_to_num(value, nan=0.0), (~np.isnan(value)).astype(float)) for value in values)
    total, known = reduce(lambda left, right: (left[0] + right[0], left[1] + right[1]), parts)
    return np.where(known > 0, total / np.maximum(known, 1), np.nan)


PREFERENCE_COLUMNS = tuple(scale.preference_column for scale in STYLE_SCALES)
STYLE_COLUMNS = tuple(scale.style_column for scale in STYLE_SCALES)


def _gap_row(scale: StyleScale) -> Feature:
    """The row of one scale's squared gap."""
    what = scale.name.replace("_", " ")
    return Feature(
        f"{scale.name}_gap",
        "style",
        "pair",
        (scale.preference_column,),
        (scale.style_column,),
        partial(compute_scale_gap, scale=scale),
        "-",
        *GAP_NORM,
        text_above=f"is further from the {what} the client wants than is typical",
        text_below=f"is closer to the {what} the client wants than is typical",
    )


ROWS: tuple[Feature, ...] = (
    *map(_gap_row, STYLE_SCALES),
    Feature(
        "style_distance",
        "style",
        "pair",
        PREFERENCE_COLUMNS,
        STYLE_COLUMNS,
        compute_style_distance,
        "-",
        *DISTANCE_NORM,
        text_above="is further from the style the client wants than is typical",
        text_below="is closer to the style the client wants than is typical",
    ),
    Feature(
        "style_beyond_cutoffs",
        "style",
        "pair",
        PREFERENCE_COLUMNS,
        STYLE_COLUMNS,
        compute_style_shortfall,
        "-",
        *SHORTFALL_NORM,
        text_above="falls short of a style the client strongly wants",
        text_below="is on the whole near the styles the client strongly wants",
    ),
    Feature(
        "style_closeness",
        "style",
        "pair",
        PREFERENCE_COLUMNS,
        STYLE_COLUMNS,
        compute_style_closeness,
        "+",
        *CLOSENESS_NORM,
        text_above="comes near the style the client wants on more scales than most",
        text_below="comes near the style the client wants on fewer scales than most",
    ),
    Feature(
        "style_agreement",
        "style",
        "pair",
        PREFERENCE_COLUMNS,
        STYLE_COLUMNS,
        compute_style_agreement,
        "+",
        *AGREEMENT_NORM,
        text_above="leans the same way in style as the client",
        text_below="leans the other way in style than the client",
    ),
)
