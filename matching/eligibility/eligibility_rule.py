"""One blocking rule of eligibility: its function, its texts, and what happens where its result is unknown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from attune_fit.data.arrays import Floats

if TYPE_CHECKING:
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.features.sides import Sides

UnknownPolicy = Literal["allow", "exclude"]
ClientInput = Literal[
    "columns", "full_years", "must", "never", "conflicts", "outcomes", "declined", "offers", "unreadable"
]


@dataclass(frozen=True)
class Rule:
    """One rule of eligibility (blocking rule).

    Attributes
    ----------
    name : str
        The NAME of ``[rules.NAME]`` in ``clinic.toml``.
    input_columns : tuple of str
        Columns the rule reads, as ``table.column``.
    function : callable
        Checks pairs. It takes :class:`Pairs`, and the settings named in ``settings`` as keywords. It returns an array
        of the shape of the pairs: 1 passes, 0 breaks the rule, NaN where a missing cell leaves it unknown.
    unknown_policy : {"allow", "exclude"}
        What happens to a pair for which the result is unknown.
    unknown_policy_reason : str
        Why this is the default of ``unknown_policy``. One sentence.
    violation_text : str
        Why the rule excludes a therapist: a few words in lower case, without a full stop.
    unknown_text : str
        What is unknown, in the same form, beginning with "not known". It is the caution where the policy is "allow",
        and the reason where the policy is "exclude".
    remedy_text : str
        The smallest change that makes the pair pass, in the same form.
    short_text : str
        ``violation_text`` in two or three words that follow a count, such as "10 full" or "1 full".
    settings : tuple of str
        Names of the :class:`Settings` fields that the function takes.
    is_on_by_default : bool
        Whether the rule is used when ``clinic.toml`` does not switch it on or off.
    client_inputs : tuple of str, or None
        What of the client decides the result; see :data:`CLIENT_INPUTS`. ``columns`` are the columns of `clients` in
        ``input_columns``; an empty tuple means that the result is the same for all clients. None where it is not
        stated: the rule is then checked for each client separately.
    is_unknown_policy_stated : bool
        True where ``clinic.toml`` states ``unknown_policy``. The policy then applies even if the clinic has no data in
        the column. Otherwise such a rule is not checked, and the ranking reports it once.
    """

    name: str
    input_columns: tuple[str, ...]
    function: Callable[..., Floats]
    unknown_policy: UnknownPolicy
    unknown_policy_reason: str
    violation_text: str
    unknown_text: str
    remedy_text: str
    short_text: str
    settings: tuple[str, ...] = ()
    is_on_by_default: bool = True
    client_inputs: tuple[ClientInput, ...] | None = None
    is_unknown_policy_stated: bool = False

    def list_empty_columns(self, tables: Tables) -> tuple[str, ...]:
        """List the ``input_columns`` in which every cell of the clinic is missing."""
        places = [(place, *place.split(".")) for place in self.input_columns]
        return tuple(place for place, table, column in places if getattr(tables, table)[column].isna().all())

    def is_unchecked(self, sides: Sides) -> bool:
        """Return whether the rule is left unchecked where its result is unknown, because a whole column is empty."""
        if self.is_unknown_policy_stated:
            return False
        key = "empty", self.input_columns
        return sides.compute_once(key, lambda: bool(self.list_empty_columns(sides.tables)))
