"""One change to a clinic's tables: what it says, and the tables as they would be."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from attune_fit.matching.eligibility.rules import RULES

if TYPE_CHECKING:
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.matching.relaxation.relaxations import Relaxation


@dataclass(frozen=True)
class TableChange:
    """A row of :data:`RELAXATIONS` with what is chosen.

    Attributes
    ----------
    relaxation : Relaxation
    rule : str
        The rule it is aimed at.
    code : str
        What the cell gains or becomes; of a wish its value; empty where there is nothing to choose.
    attribute : str
        Of a wish: the therapist's column it is about.
    """

    relaxation: Relaxation
    rule: str
    code: str = ""
    attribute: str = ""

    @property
    def is_by_client(self) -> bool:
        """Whether the client makes it, so that it holds for every therapist at once."""
        return self.relaxation.side == "client"

    @property
    def is_certain(self) -> bool:
        """Whether it lifts the rule for sure; a question may be answered either way."""
        return bool(self.relaxation.changed_column)

    @property
    def kind(self) -> tuple[str, str, str]:
        """Changes of one kind differ in the code alone; wishes about two columns are two kinds."""
        return self.relaxation.name, self.rule, self.attribute

    @property
    def description(self) -> str:
        """The change as a clause."""
        unknown = next(rule.unknown_text for rule in RULES if rule.name == self.rule).removeprefix("not known ")
        attribute = self.attribute.replace("_", " ")
        return self.relaxation.template.format(code=self.code, attribute=attribute, unknown=unknown)

    def apply(self, tables: Tables, client_id: str, therapist_ids: Collection[str]) -> Tables:
        """The tables as they would be: the client's cell changed, or those of some therapists; the input is kept."""
        if not self.is_certain:
            return tables
        table, column = self.relaxation.changed_column.split(".")
        frame: pd.DataFrame = getattr(tables, table)
        if table == "therapists":
            chosen = frame["therapist_id"].isin(list(therapist_ids))
        else:
            chosen = frame["client_id"] == client_id
        if self.attribute:
            wish = (frame["attribute"] == self.attribute) & (frame["value"] == self.code)
            chosen &= wish & (frame["strength"] == self.rule)
        cells = frame[column]
        changed = cells.where(~chosen, self.relaxation.edit(cells, self.code)).astype(cells.dtype)
        edited: dict[str, Any] = {table: frame.assign(**{column: changed})}
        return replace(tables, **edited)


def describe_alternatives(changes: Sequence[TableChange]) -> str:
    """Changes that differ in the code alone, as one clause."""
    return replace(changes[0], code=" or ".join(change.code for change in changes)).description


def list_changes(relaxations: Sequence[Relaxation], tables: Tables, client_row: int) -> tuple[TableChange, ...]:
    """Every change there is to think of for a client, in the order of the table; many of them help nobody."""
    return tuple(
        TableChange(row, rule, *choice)
        for row in relaxations
        for rule in row.rules
        for choice in row.choices(tables, client_row)
    )
