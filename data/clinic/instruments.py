"""Instruments: one row for each alliance questionnaire, with its items, scoring key, range and early sessions.

Attune keeps no item text: the clinic licenses the forms.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Literal, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, model_validator

from attune_fit.data.cell_parsing import normalize_code
from attune_fit.data.faults import DataFault, Fault
from attune_fit.data.formats.reading_limits import MAX_COLUMNS, MAX_WEIGHT

MIN_RANGE = 1e-6  # points between the smallest and the largest total: POMP divides by it
ALLIANCE_SCALES = ("goal", "task", "bond")
Points = TypeVar("Points", float, npt.NDArray[np.float64], pd.Series)


class Instrument(BaseModel):
    """One alliance questionnaire. A clinic adds its own as ``[[instruments]]`` in ``clinic.toml``."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    name: str = Field(min_length=1, description="Name as the `instrument` column of `outcomes` spells it.")
    description: str = Field(
        default="",
        validation_alias=AliasChoices("description", "says"),  # the name before; clinics' files have it
        serialization_alias="says",  # in the digest of a policy, so that the log of an earlier version can be replayed
        description="What it is, in a few words.",
    )
    low: float = Field(ge=-MAX_WEIGHT, le=MAX_WEIGHT, description="Smallest possible total, in points.")
    high: float = Field(
        ge=-MAX_WEIGHT, le=MAX_WEIGHT, description="Largest possible total, in points; higher is a better alliance."
    )
    combine: Literal["mean", "sum"] = Field(
        default="mean", description="Whether the total is the mean or the sum of the items."
    )
    items: int = Field(default=0, ge=0, le=MAX_COLUMNS, description="Number of items; 0 when the file has only totals.")
    item_low: float = Field(default=1, ge=-MAX_WEIGHT, le=MAX_WEIGHT, description="Smallest answer to an item.")
    item_high: float = Field(default=5, ge=-MAX_WEIGHT, le=MAX_WEIGHT, description="Largest answer to an item.")
    scales: dict[str, tuple[int, ...]] = Field(
        default={}, description="Item numbers of the scales `goal`, `task` and `bond`."
    )
    reversed: tuple[int, ...] = Field(
        default=(), description="Item numbers where a high answer means a poor alliance (reverse-keyed items)."
    )
    early: tuple[int, int] = Field(default=(1, 3), description="First and last session that count as early.")
    weak: float | None = Field(
        default=None,
        ge=-MAX_WEIGHT,
        le=MAX_WEIGHT,
        description="Cut-off in points: a total at or below it is weak. Omit it where no cut-off was validated.",
    )
    weak_source: str = Field(default="", description="Source of the cut-off.")
    answered: float = Field(default=0.8, gt=0, le=1, description="Smallest share of answered items that gives a score.")
    source: str = Field(default="", description="Source of the scoring key and the range.")
    mean: float | None = Field(
        default=None,
        ge=-MAX_WEIGHT,
        le=MAX_WEIGHT,
        description="Published mean of early totals that clients gave, in points. Omit it where none is known.",
    )
    sd: float | None = Field(
        default=None,
        gt=0,
        le=MAX_WEIGHT,
        description="Published standard deviation of these totals, in points. It compares instruments that have too "
        "few records in the clinic. Omit it where none is known: then it counts as that of the WAI-SR.",
    )
    norms_source: str = Field(default="", description="Source of the mean and the standard deviation.")

    @model_validator(mode="after")
    def _check_consistency(self) -> Instrument:
        if self.high - self.low < MIN_RANGE or self.item_high - self.item_low < MIN_RANGE:
            raise ValueError("`low` must be below `high`, and `item_low` below `item_high`")
        if self.early[0] > self.early[1]:
            raise ValueError("`early` must be the first and the last session, in that order")
        if self.weak is not None and not self.low <= self.weak < self.high:
            raise ValueError("`weak` must be within the range and below `high`")
        if (self.mean is None) != (self.sd is None):
            raise ValueError("`mean` and `sd` belong together: give both or neither")
        if self.mean is not None and not self.low <= self.mean <= self.high:
            raise ValueError("`mean` must be in the range")
        if unknown := set(self.scales) - set(ALLIANCE_SCALES):
            raise ValueError(f"unknown scales {', '.join(sorted(unknown))}; the scales are goal, task and bond")
        numbers = [*self.reversed, *(item for scale in self.scales.values() for item in scale)]
        if any(not 1 <= item <= self.items for item in numbers):
            raise ValueError(f"`scales` and `reversed` must name items from 1 to `items` ({self.items})")
        return self

    def pomp(self, points: Points, scale: str | None = None) -> Points:
        """Return points of the total, or of one scale, as percent of maximum possible (POMP, 0 to 100); NaN stays NaN.

        >>> WAI_SR.pomp(4.0)
        75.0
        """
        low, high = self.compute_bounds(scale)
        return (points - low) / (high - low) * 100.0

    def to_points(self, pomp: Points, scale: str | None = None) -> Points:
        """Return percent of maximum possible as points of the total, or of one scale: the inverse of :meth:`pomp`.

        >>> WAI_SR.to_points(75.0)
        4.0
        """
        low, high = self.compute_bounds(scale)
        return pomp * ((high - low) / 100.0) + low

    def compute_bounds(self, scale: str | None = None) -> tuple[float, float]:
        """Return the smallest and largest points of the total, or of one scale: a sum over fewer items is smaller."""
        share = len(self.scales[scale]) / self.items if self.combine == "sum" and scale in self.scales else 1.0
        return self.low * share, self.high * share

    def count_required_answers(self, items: int) -> int:
        """Return how many of ``items`` items a client must answer to get a score.

        >>> WAI_SR.count_required_answers(12), WAI_SR.count_required_answers(4)
        (10, 4)
        """
        return math.ceil(self.answered * items - 1e-9)


def score_items(items: pd.DataFrame, instrument: Instrument) -> pd.DataFrame:
    """Return the score of each form from its raw answers, in points.

    Parameters
    ----------
    items : DataFrame of shape (forms, instrument.items)
        Answers in the order of the item numbers, from ``item_low`` to ``item_high``; NaN where not answered.
    instrument : Instrument
        Gives the scoring key; its reverse-keyed items are reversed first.

    Returns
    -------
    DataFrame with columns score, goal, task, bond
        In points. A missing item counts as the mean of the other items of the same scale or total (person-mean
        imputation). NaN where the share of answered items is below ``instrument.answered``, or where the instrument
        has no such scale.

    Raises
    ------
    ValueError
        If the number of columns is not ``instrument.items``.

    Examples
    --------
    >>> form = pd.DataFrame([[4.0] * 11 + [np.nan]])
    >>> score_items(form, WAI_SR).loc[0].tolist()
    [4.0, 4.0, nan, 4.0]
    """
    if items.shape[1] != instrument.items:
        raise ValueError(f"{instrument.name} has {instrument.items} items, {items.shape[1]} columns were given")
    answers = items.to_numpy(float).copy()
    reverse_keyed = [number - 1 for number in instrument.reversed]
    answers[:, reverse_keyed] = instrument.item_low + instrument.item_high - answers[:, reverse_keyed]
    key = {"score": tuple(range(1, instrument.items + 1)), **instrument.scales}
    scores = {name: _combine_answers(answers[:, np.array(numbers) - 1], instrument) for name, numbers in key.items()}
    no_score = np.full(len(items), np.nan)
    return pd.DataFrame({name: scores.get(name, no_score) for name in ("score", *ALLIANCE_SCALES)}, index=items.index)


def _combine_answers(answers: npt.NDArray[np.float64], instrument: Instrument) -> npt.NDArray[np.float64]:
    """Return the mean or sum of the answers of each form, NaN where too few items were answered."""
    known = ~np.isnan(answers)
    count = known.sum(axis=1)
    mean = np.where(known, answers, 0.0).sum(axis=1) / np.maximum(count, 1)
    total = mean * answers.shape[1] if instrument.combine == "sum" else mean
    return np.where(count >= instrument.count_required_answers(answers.shape[1]), total, np.nan)


_WAI_SR_KEY: dict[str, tuple[int, ...]] = {"goal": (4, 6, 8, 11), "task": (1, 2, 10, 12), "bond": (3, 5, 7, 9)}
_WAI_S_KEY: dict[str, tuple[int, ...]] = {"goal": (4, 6, 10, 11), "task": (1, 2, 8, 12), "bond": (3, 5, 7, 9)}

_FIVE_SAMPLES = (
    "derived: mean of five samples on 1-7 in a 2021 review table, PMC8521857; as early_alliance_mean and "
    "early_alliance_sd of the published statistics"
)

WAI_SR = Instrument(
    name="WAI-SR", description="Working Alliance Inventory, short revised form, mean item", low=1, high=5, items=12,
    scales=_WAI_SR_KEY, source="Hatcher & Gillaspy 2006, Psychotherapy Research 16:12-25", mean=4.08, sd=0.68,
    norms_source=f"{_FIVE_SAMPLES}, by (x - 1) * 4 / 6 + 1",
)  # fmt: skip
WAI_S = Instrument(
    name="WAI-S", description="Working Alliance Inventory, short form, mean item", low=1, high=7, items=12, item_high=7,
    scales=_WAI_S_KEY, reversed=(4, 10), source="Tracey & Kokotovic 1989, Psychological Assessment 1:207-210",
    mean=5.62, sd=1.02, norms_source=_FIVE_SAMPLES,
)  # fmt: skip
SRS = Instrument(
    name="SRS", description="Session Rating Scale 3.0, sum of four marks", low=0, high=40, combine="sum", items=4,
    item_low=0, item_high=10, scales={"goal": (2,), "task": (3,), "bond": (1,)}, weak=36,
    weak_source="Duncan et al. 2003: discuss it with the client at or below the cut-off; read in a secondary source",
    source="Duncan et al. 2003, Journal of Brief Therapy 3:3-12", mean=35, sd=4.5,
    norms_source="assumed: means of 34 to 36 and SDs of 4 to 5 are remembered from several samples, and were not read",
)  # fmt: skip
ARM_5 = Instrument(
    name="ARM-5", description="Agnew Relationship Measure, five items, mean item", low=1, high=7, items=5, item_high=7,
    mean=5.62, sd=1.02, norms_source="assumed: as the WAI-S, which has the same range",
    source="Cahill et al. 2012, Psychotherapy Research 22:241-255 (range from secondary sources)",
)  # fmt: skip

INSTRUMENTS: tuple[Instrument, ...] = (WAI_SR, WAI_S, SRS, ARM_5)


def normalize_instrument_name(name: str) -> str:
    """Return the name of an instrument in the form in which Attune compares names: letters and digits, without case.

    >>> normalize_instrument_name(" wai_sr "), normalize_instrument_name("WAI SR")
    ('waisr', 'waisr')
    """
    code = normalize_code(name)
    return "".join(filter(str.isalnum, code)) or code


def list_instruments(own: Iterable[Instrument]) -> dict[str, Instrument]:
    """Return :data:`INSTRUMENTS` and the clinic's ``own`` ones, by name.

    Raises
    ------
    DataFault
        If two instruments have the same name, compared by :func:`normalize_instrument_name`.
    """
    by_name: dict[str, Instrument] = {}
    faults = []
    for instrument in (*INSTRUMENTS, *own):
        name = instrument.name
        if normalize_instrument_name(name) in map(normalize_instrument_name, by_name):
            message, fix = f"an instrument `{name}` exists already", "Give your instrument another name."
            faults.append(Fault.error("duplicate-instrument", "clinic.toml", f"instruments.{name}", message, fix=fix))
        by_name[name] = instrument
    if faults:
        raise DataFault(faults)
    return by_name
