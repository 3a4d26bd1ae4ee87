"""Alliance questionnaires: one row for each, with its items, keying, range and what counts as early.

No item text is kept here: the forms are the clinic's to license.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, model_validator

from attune_fit.data.faults import DataFault, Fault

if TYPE_CHECKING:
    from attune_fit.data.clinic.settings import Config

ALLIANCE_SCALES = ("goal", "task", "bond")
Points = TypeVar("Points", float, npt.NDArray[np.float64], pd.Series)


class Instrument(BaseModel):
    """One questionnaire. A clinic adds its own as ``[[instruments]]`` in ``clinic.toml``."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    name: str = Field(min_length=1, description="Name as the `instrument` column of `outcomes` spells it.")
    says: str = Field(default="", description="What it is, in a few words.")
    low: float = Field(description="Smallest possible total, in points.")
    high: float = Field(description="Largest possible total, in points; higher is a better alliance.")
    combine: Literal["mean", "sum"] = Field(
        default="mean", description="Whether the total is the mean or the sum of items."
    )
    items: int = Field(default=0, ge=0, description="How many items it has; 0 when only totals are handed in.")
    item_low: float = Field(default=1, description="Smallest answer to an item.")
    item_high: float = Field(default=5, description="Largest answer to an item.")
    scales: dict[str, tuple[int, ...]] = Field(
        default={}, description="Numbers of the items of `goal`, `task`, `bond`."
    )
    reversed: tuple[int, ...] = Field(
        default=(), description="Numbers of the items where a high answer is a poor alliance."
    )
    early: tuple[int, int] = Field(default=(1, 3), description="First and last session that count as early.")
    weak: float | None = Field(
        default=None, description="A total at or below it, in points, is weak; left out where nothing was validated."
    )
    weak_source: str = Field(default="", description="Who says so.")
    answered: float = Field(default=0.8, gt=0, le=1, description="Share of items that must be answered for a score.")
    source: str = Field(default="", description="Where the keying and the range were read.")

    @model_validator(mode="after")
    def _check_consistency(self) -> Instrument:
        if not self.low < self.high or not self.item_low < self.item_high:
            raise ValueError("`low` must be below `high`, and `item_low` below `item_high`")
        if self.early[0] > self.early[1]:
            raise ValueError("`early` is the first and the last session, in that order")
        if self.weak is not None and not self.low <= self.weak < self.high:
            raise ValueError("`weak` lies within the range, below `high`")
        if unknown := set(self.scales) - set(ALLIANCE_SCALES):
            raise ValueError(f"scales are goal, task and bond, not {', '.join(sorted(unknown))}")
        numbers = [*self.reversed, *(item for scale in self.scales.values() for item in scale)]
        if any(not 1 <= item <= self.items for item in numbers):
            raise ValueError(f"`scales` and `reversed` name items from 1 to `items` ({self.items})")
        return self

    def pomp(self, points: Points, scale: str | None = None) -> Points:
        """Points of the total (or of one scale) as percent of maximum possible, 0 to 100; unknown stays unknown.

        >>> WAI_SR.pomp(4.0)
        75.0
        """
        low, high = self.compute_bounds(scale)
        return (points - low) / (high - low) * 100.0

    def to_points(self, pomp: Points, scale: str | None = None) -> Points:
        """Percent of maximum possible as points: the inverse of :meth:`pomp`.

        >>> WAI_SR.to_points(75.0)
        4.0
        """
        low, high = self.compute_bounds(scale)
        return pomp * ((high - low) / 100.0) + low

    def compute_bounds(self, scale: str | None = None) -> tuple[float, float]:
        """Smallest and largest points of the total, or of one scale: a sum over fewer items is smaller."""
        share = len(self.scales[scale]) / self.items if self.combine == "sum" and scale in self.scales else 1.0
        return self.low * share, self.high * share

    def count_required_answers(self, items: int) -> int:
        """How many of so many items must be answered for a score.

        >>> WAI_SR.count_required_answers(12), WAI_SR.count_required_answers(4)
        (10, 4)
        """
        return math.ceil(self.answered * items - 1e-9)


def score_items(items: pd.DataFrame, instrument: Instrument) -> pd.DataFrame:
    """Score raw answers.

    Parameters
    ----------
    items : DataFrame of shape (forms, instrument.items)
        Answers in the order of the item numbers, item_low to item_high; NaN where not answered.
    instrument : Instrument

    Returns
    -------
    DataFrame with columns score, goal, task, bond
        In points. Items left out are taken as the mean of the others of the same scale or total; NaN where fewer
        than ``instrument.answered`` of them were answered, or where the instrument has no such scale.

    Examples
    --------
    >>> form = pd.DataFrame([[4.0] * 11 + [np.nan]])
    >>> score_items(form, WAI_SR).loc[0].tolist()
    [4.0, 4.0, nan, 4.0]
    """
    if items.shape[1] != instrument.items:
        raise ValueError(f"{instrument.name} has {instrument.items} items, {items.shape[1]} columns were given")
    keyed = items.to_numpy(float).copy()
    turned = [number - 1 for number in instrument.reversed]
    keyed[:, turned] = instrument.item_low + instrument.item_high - keyed[:, turned]
    chosen = {"score": tuple(range(1, instrument.items + 1)), **instrument.scales}
    scored = {name: _combine_answers(keyed[:, np.array(chosen[name]) - 1], instrument) for name in chosen}
    unknown = np.full(len(items), np.nan)
    return pd.DataFrame({name: scored.get(name, unknown) for name in ("score", *ALLIANCE_SCALES)}, index=items.index)


def _combine_answers(answers: npt.NDArray[np.float64], instrument: Instrument) -> npt.NDArray[np.float64]:
    """Mean or sum of each row's answers, NaN where too few."""
    known = ~np.isnan(answers)
    count = known.sum(axis=1)
    mean = np.where(known, answers, 0.0).sum(axis=1) / np.maximum(count, 1)
    total = mean * answers.shape[1] if instrument.combine == "sum" else mean
    return np.where(count >= instrument.count_required_answers(answers.shape[1]), total, np.nan)


_WAI_SR_KEY: dict[str, tuple[int, ...]] = {"goal": (4, 6, 8, 11), "task": (1, 2, 10, 12), "bond": (3, 5, 7, 9)}
_WAI_S_KEY: dict[str, tuple[int, ...]] = {"goal": (4, 6, 10, 11), "task": (1, 2, 8, 12), "bond": (3, 5, 7, 9)}

WAI_SR = Instrument(
    name="WAI-SR", says="Working Alliance Inventory, short revised form, mean item", low=1, high=5, items=12,
    scales=_WAI_SR_KEY, source="Hatcher & Gillaspy 2006, Psychotherapy Research 16:12-25",
)  # fmt: skip
WAI_S = Instrument(
    name="WAI-S", says="Working Alliance Inventory, short form, mean item", low=1, high=7, items=12, item_high=7,
    scales=_WAI_S_KEY, reversed=(4, 10), source="Tracey & Kokotovic 1989, Psychological Assessment 1:207-210",
)  # fmt: skip
SRS = Instrument(
    name="SRS", says="Session Rating Scale 3.0, sum of four marks", low=0, high=40, combine="sum", items=4,
    item_low=0, item_high=10, scales={"goal": (2,), "task": (3,), "bond": (1,)}, weak=36,
    weak_source="Duncan et al. 2003: talked over with the client at or below it; read in a secondary source",
    source="Duncan et al. 2003, Journal of Brief Therapy 3:3-12",
)  # fmt: skip
ARM_5 = Instrument(
    name="ARM-5", says="Agnew Relationship Measure, five items, mean item", low=1, high=7, items=5, item_high=7,
    source="Cahill et al. 2012, Psychotherapy Research 22:241-255 (range from secondary sources)",
)  # fmt: skip

INSTRUMENTS: tuple[Instrument, ...] = (WAI_SR, WAI_S, SRS, ARM_5)


def list_instruments(config: Config) -> dict[str, Instrument]:
    """:data:`INSTRUMENTS` and the clinic's own, by name.

    Raises
    ------
    DataFault
        If a name is used twice.
    """
    rows: dict[str, Instrument] = {}
    faults = []
    for row in (*INSTRUMENTS, *config.instruments):
        if row.name.casefold() in {name.casefold() for name in rows}:
            faults.append(
                Fault.error("clinic.toml", f"instruments.{row.name}", f"an instrument `{row.name}` exists already", fix="Give your own another name.")
            )  # fmt: skip
        rows[row.name] = row
    if faults:
        raise DataFault(faults)
    return rows
