"""Style features: the therapist's style compared with the client's preferred style, on the four C-NIP scales.

Every one is a hypothesis. The one direct test of style matching found no effect on alliance or outcome (Cooper 2021):
the weights are near zero and a clinic's own outcomes decide. Therapists rate their own style, often in extremes. A
squared gap then measures that rating habit as much as the fit of the pair; :func:`compute_style_agreement` does not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np

from attune_fit.data.arrays import Bools, Floats
from attune_fit.data.published_statistics import read_published_statistics
from attune_fit.features.feature import Feature
from attune_fit.features.pairs import Pairs

# Center and spread of each feature when client and therapist are independent.
# A squared difference of two independent people, in SD², is twice a chi-square of one: mean 2, SD 2.8.
GAP_NORM = (2.0, 2.8)
DISTANCE_NORM = (2.0, 1.4)  # the mean of four squared differences
# SD units. Half the clients have a strong preference on a scale; half the therapists then fall short, by about .7.
SHORTFALL_NORM = (0.35, 0.4)
AGREEMENT_NORM = (0.0, 0.5)  # the mean of four products of two z-scores
# Two independent people are 1.4 SD apart: closeness has mean .43 and SD .27; this is the mean of four.
CLOSENESS_NORM = (0.43, 0.13)


@dataclass(frozen=True)
class StyleScale:
    """One scale of the C-NIP (Cooper-Norcross Inventory of Preferences)."""

    name: str

    @property
    def preference_column(self) -> str:
        """Name of the client's column."""
        return f"{self.name}_preference"

    @property
    def style_column(self) -> str:
        """Name of the therapist's column."""
        return f"{self.name}_style"

    def read_published_value(self, part: str) -> float:
        """Return ``mean``, ``sd``, or a strong-preference cut-off (``from``, ``to``), in points of the scale."""
        return read_published_statistics()[f"cnip_{self.name}_{part}"].value


STYLE_SCALES: tuple[StyleScale, ...] = (
    StyleScale("directiveness"),  # the therapist's (+) or the client's (-)
    StyleScale("emotional_intensity"),  # (+), or reserve (-)
    StyleScale("past_focus"),  # (+), or present focus (-)
    StyleScale("warm_support"),  # (+), or focused challenge (-)
)


class ScaleAnswers(NamedTuple):
    """Wanted and offered style on one scale, in its points; ``difference`` is wanted less offered, NaN if unknown."""

    wanted: Floats
    offered: Floats
    difference: Floats
    is_known: Bools


def take_scale_answers(pairs: Pairs, scale: StyleScale) -> ScaleAnswers:
    """Take the wanted and the offered style of each pair; ``is_known`` where both are known."""

    def take() -> ScaleAnswers:
        wanted = pairs.take_client_numbers(scale.preference_column)
        offered = pairs.take_therapist_numbers(scale.style_column)
        difference: Floats = wanted - offered
        return ScaleAnswers(wanted, offered, difference, ~np.isnan(difference))

    return pairs.compute_once(("scale answers", scale.name), take)


def compute_scale_gap(pairs: Pairs, scale: StyleScale) -> Floats:
    """Return the squared difference of wanted and offered style, in squared SD, >= 0; NaN where either is unknown."""

    def compute() -> Floats:
        difference = take_scale_answers(pairs, scale).difference
        gap: Floats = (difference / scale.read_published_value("sd")) ** 2
        return gap

    return pairs.compute_once(("scale gap", scale.name), compute)


def compute_scale_shortfall(pairs: Pairs, scale: StyleScale) -> Floats:
    """Return how far the therapist falls short of a strong preference, in SD of the scale, >= 0.

    0 where the client has no strong preference by the published cut-offs; NaN where either side is unknown.
    """
    wanted, offered, _, is_known = take_scale_answers(pairs, scale)
    high, low = scale.read_published_value("from"), scale.read_published_value("to")
    shortfall = np.where(wanted >= high, high - offered, np.where(wanted <= low, offered - low, 0.0))
    return np.where(is_known, np.maximum(shortfall, 0) / scale.read_published_value("sd"), np.nan)


def compute_scale_closeness(pairs: Pairs, scale: StyleScale) -> Floats:
    """Return the closeness of wanted and offered style, exp(-difference in SD), 0-1; NaN where either is unknown.

    Similarity decays exponentially with distance (Shepard 1987, Science 237:1317, 10.1126/science.3629243): the first
    step apart costs most, and an extreme self-rating costs hardly more than a large one.
    """
    difference = take_scale_answers(pairs, scale).difference
    return np.asarray(np.exp(-np.abs(difference) / scale.read_published_value("sd")))


def compute_scale_product(pairs: Pairs, scale: StyleScale) -> Floats:
    """Return the product of the z-scores of wanted and offered style; > 0 where both are on the same side."""
    mean, sd = scale.read_published_value("mean"), scale.read_published_value("sd")
    answers = take_scale_answers(pairs, scale)
    product: Floats = (answers.wanted - mean) * (answers.offered - mean)
    return product / sd**2


def compute_style_distance(pairs: Pairs) -> Floats:
    """Return the mean of :func:`compute_scale_gap` over the scales known on both sides; NaN where none is."""
    return pairs.compute_once("style distance", lambda: _average_known_scales(pairs, compute_scale_gap))


def compute_style_shortfall(pairs: Pairs) -> Floats:
    """Return the mean of :func:`compute_scale_shortfall` over the scales known on both sides; NaN where none is."""
    return _average_known_scales(pairs, compute_scale_shortfall)


def compute_style_agreement(pairs: Pairs) -> Floats:
    """Return the mean of :func:`compute_scale_product` over the scales known on both sides; NaN where none is.

    It is the interaction part of the squared distance: extreme ratings of one side alone cancel out.
    """
    return _average_known_scales(pairs, compute_scale_product)


def compute_style_closeness(pairs: Pairs) -> Floats:
    """Return the mean of :func:`compute_scale_closeness` over the scales known on both sides, 0-1; NaN if none."""
    return _average_known_scales(pairs, compute_scale_closeness)


def _average_known_scales(pairs: Pairs, function: Callable[[Pairs, StyleScale], Floats]) -> Floats:
    """Average ``function``, which is unknown where a scale is, over the scales that are known."""
    total: Floats = np.zeros(pairs.shape)
    for scale in STYLE_SCALES:
        total += np.where(take_scale_answers(pairs, scale).is_known, function(pairs, scale), 0.0)
    total /= pairs.compute_once("known scales", lambda: _count_known_scales(pairs))
    return total


def _count_known_scales(pairs: Pairs) -> Floats:
    """Count the scales that are known on both sides, NaN where none is."""
    counts = np.zeros(pairs.shape, dtype=np.int8)
    for scale in STYLE_SCALES:
        counts += take_scale_answers(pairs, scale).is_known
    return np.where(counts > 0, counts, np.nan)


PREFERENCE_COLUMNS = tuple(scale.preference_column for scale in STYLE_SCALES)
STYLE_COLUMNS = tuple(scale.style_column for scale in STYLE_SCALES)


def _gap_row(scale: StyleScale) -> Feature:
    """Build the row of one scale's squared gap."""
    style = scale.name.replace("_", " ")
    return Feature(
        f"{scale.name}_gap",
        "style",
        "pair",
        (scale.preference_column,),
        (scale.style_column,),
        partial(compute_scale_gap, scale=scale),
        "-",
        *GAP_NORM,
        text_above=f"is further from the {style} the client wants than a typical therapist",
        text_below=f"is closer to the {style} the client wants than a typical therapist",
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
        text_above="is further from the style the client wants than a typical therapist",
        text_below="is closer to the style the client wants than a typical therapist",
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
        text_above="does not fully offer a style the client strongly wants",
        text_below="is close, on average, to any style the client strongly wants",
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
        text_above="fits the style the client wants on more points than a typical therapist",
        text_below="fits the style the client wants on fewer points than a typical therapist",
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
        text_above="style preferences point the same way",
        text_below="style preferences point in opposite directions",
    ),
)
