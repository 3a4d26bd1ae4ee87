"""Questionnaires of clients whose items Attune adds up: items, range and the rule for missing answers."""

from __future__ import annotations

from typing import Literal, NamedTuple

from attune_fit.data.clinic.instruments import Instrument

ANSWERED = 0.8  # smallest share of answered items of a clinic's own columns, as for alliance instruments


class ItemScale(NamedTuple):
    """How a column is computed from the items of a questionnaire.

    Attributes
    ----------
    name : str
        The form, for messages.
    form_items : int
        Items of the whole form.
    low, high : float
        Smallest and largest answer.
    combine : {"sum", "mean"}
        What the column is.
    answered : float
        Smallest share of answered items that gives a value, in (0, 1]. The mean of the answered items counts for each
        missing one.
    numbers : tuple of int
        The items of the form that belong to the column; empty for all.
    reversed : tuple of int
        Item numbers of the form where a high answer means a low value.
    has_longer_forms : bool
        Whether other forms of this name have more items, with other numbers: a file with more items is then refused.
    source : str
        Of the key and of the rule for missing answers.
    """

    name: str
    form_items: int
    low: float
    high: float
    combine: Literal["sum", "mean"]
    answered: float = ANSWERED
    numbers: tuple[int, ...] = ()
    reversed: tuple[int, ...] = ()
    has_longer_forms: bool = False
    source: str = ""

    @property
    def item_numbers(self) -> tuple[int, ...]:
        """The numbers of the items of the form that belong to the column."""
        return self.numbers or tuple(range(1, self.form_items + 1))

    def build_instrument(self) -> Instrument:
        """Return the scale as an instrument whose items are those of the column, numbered from 1."""
        numbers = self.item_numbers
        factor = len(numbers) if self.combine == "sum" else 1
        return Instrument(
            name=self.name, low=self.low * factor, high=self.high * factor, combine=self.combine, items=len(numbers),
            item_low=self.low, item_high=self.high, answered=self.answered,
            reversed=tuple(place for place, number in enumerate(numbers, start=1) if number in self.reversed),
        )  # fmt: skip


_IAPT = (
    "IAPT Data Handbook 2.0.1 (2011), appendix on questionnaires: one or two missing answers count as the mean of the "
    "others; a form with more is not scored"
)
_ECR_S = "Wei, Russell, Mallinckrodt & Vogel 2007, Journal of Personality Assessment 88:187-204"
_SHARE = "The share of answers is that of the alliance instruments."

ITEM_SCALES: dict[str, ItemScale] = {
    "phq9": ItemScale(
        "PHQ-9", 9, 0, 3, "sum", 7 / 9,
        source=f"Kroenke, Spitzer & Williams 2001, J Gen Intern Med 16:606-613. {_IAPT}",
    ),
    "gad7": ItemScale(
        "GAD-7", 7, 0, 3, "sum", 5 / 7,
        source=f"Spitzer, Kroenke, Williams & L\u00f6we 2006, Arch Intern Med 166:1092-1097. {_IAPT}",
    ),
    "attachment_avoidance": ItemScale(
        "ECR-S avoidance", 12, 1, 7, "mean", numbers=(1, 3, 5, 7, 9, 11), reversed=(1, 5, 9), has_longer_forms=True,
        source=f"{_ECR_S}. {_SHARE}",
    ),
    "attachment_anxiety": ItemScale(
        "ECR-S anxiety", 12, 1, 7, "mean", numbers=(2, 4, 6, 8, 10, 12), reversed=(8,), has_longer_forms=True,
        source=f"{_ECR_S}. {_SHARE}",
    ),
    "interpersonal_problems": ItemScale(
        "IIP-32", 32, 0, 4, "mean", has_longer_forms=True,
        source=f"Barkham, Hardy & Startup 1996, Br J Clin Psychol 35:21-35. {_SHARE}",
    ),
}  # fmt: skip
