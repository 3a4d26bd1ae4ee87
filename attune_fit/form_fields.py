"""Fields of forms: what can be entered in each column of a table, with the clinic's codes, and an id that is free."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from attune_fit.data.clinic.columns import STRENGTHS, YES_NO_CODES, Kind
from attune_fit.data.journal.checks.wish_checks import THERAPIST_ID
from attune_fit.data.journal.events.event_columns import (
    RecordableColumn,
    list_known_codes,
    list_recordable_columns,
)
from attune_fit.data.reading.columns.limit_codes import list_codes

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables

MAX_SUGGESTED_LETTERS = 40  # a longer code is not suggested: it can be a text about a person
MAX_SUGGESTED = 60  # codes in one list
_NUMBERED_ID = re.compile(r"(.*?)([0-9]{1,15})")


@dataclass(frozen=True)
class FormField:
    """One column as a form can ask for it.

    Attributes
    ----------
    name : str
    kind : {"code", "set", "number", "date", "id"}
        ``set`` takes several codes. ``id`` only for a wish about one therapist.
    description : str
        Its meaning, with its unit; empty for a column of the clinic's own.
    low, high : float or None
        Smallest and largest number.
    codes : tuple of str
        The only codes allowed; empty where the clinic uses its own.
    suggestions : tuple of str
        Codes that the clinic uses, sorted; the codes allowed where there are any. None of them for numbers and dates.
    has_rule : bool
        Whether a rule reads the column, so that it can decide which therapists are available.
    excludes_unknown : bool
        Whether an empty cell can rule out therapists, by the clinic's policy for that rule.
    has_ranges : bool
        True where each code is a range of numbers, such as ``18-64``.
    is_own : bool
        Whether it is a column of the clinic's own.
    """

    name: str
    kind: Kind
    description: str = ""
    low: float | None = None
    high: float | None = None
    codes: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()
    has_rule: bool = False
    excludes_unknown: bool = False
    has_ranges: bool = False
    is_own: bool = False


@dataclass(frozen=True)
class ClientForm:
    """What the form of a client asks for.

    Attributes
    ----------
    fields : tuple of FormField
        Columns of ``clients`` that an event can set.
    wishes : tuple of FormField
        What a wish can be about: columns of ``therapists``, and one therapist.
    strengths : tuple of str
    next_id : str
        An id that no client has, in the form of the clinic's ids; empty where they have no common form.
    """

    fields: tuple[FormField, ...]
    wishes: tuple[FormField, ...]
    strengths: tuple[str, ...] = STRENGTHS
    next_id: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the form in the types of JSON."""
        return asdict(self)


UNCLEAR = "not known whether in therapy"  # the state of a client in therapy whose last record is old


class FoundClient(NamedTuple):
    """A client whose id holds the text that was looked for."""

    client_id: str
    is_waiting: bool
    state: str  # as ClientRecord has it, or UNCLEAR


@dataclass(frozen=True)
class FoundClients:
    """Clients whose id holds a text.

    Attributes
    ----------
    exact : str or None
        The one client whose id is the text, without regard to case.
    rows : tuple of FoundClient
        Those who wait first, then by id; at most as many as were asked for.
    total : int
    """

    exact: str | None = None
    rows: tuple[FoundClient, ...] = field(default=())
    total: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return the clients in the types of JSON."""
        return {"exact": self.exact, "clients": [row._asdict() for row in self.rows], "total": self.total}


def list_form_fields(clinic: Clinic, tables: Tables, table: str) -> tuple[FormField, ...]:
    """Return the columns of ``clients`` or ``therapists`` that an event can set, as a form asks for them."""
    from attune_fit.matching.eligibility.rules import select_rules

    columns = list_recordable_columns(clinic, tables, table)
    excluding = {rule.name for rule in select_rules(clinic.config) if rule.unknown_policy == "exclude"}
    return tuple(_build_field(clinic, tables, table, column, excluding) for column in columns.values())


def _build_field(
    clinic: Clinic, tables: Tables, table: str, column: RecordableColumn, excluding: Collection[str]
) -> FormField:
    one, name = column.canonical, column.name
    is_coded = column.kind in ("code", "set")
    known = _list_suggestions(list_known_codes(clinic, tables, table, name)) if is_coded else ()
    if one is None:
        return FormField(name, column.kind, suggestions=known, codes=_find_marks(known), is_own=True)
    return FormField(name, column.kind, one.description, one.low, one.high, one.codes, one.codes or known,
                     bool(one.rule), one.rule in excluding, one.has_ranges)  # fmt: skip


def _list_suggestions(codes: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(code for code in codes if len(code) <= MAX_SUGGESTED_LETTERS))[:MAX_SUGGESTED]


def _find_marks(known: tuple[str, ...]) -> tuple[str, ...]:
    """Return yes and no as the only codes of an own column that holds nothing else."""
    return YES_NO_CODES if known and set(known) <= set(YES_NO_CODES) else ()


def list_wish_fields(clinic: Clinic, tables: Tables) -> tuple[FormField, ...]:
    """Return what a wish can be about; the suggestions of a column are codes that a therapist has."""
    therapists = tables.therapists
    ids = tuple(sorted(therapists["therapist_id"].astype(str)))
    fields = [
        _restrict_to_roster(one, tables) for one in list_form_fields(clinic, tables, "therapists") if one.kind != "date"
    ]
    return (*fields, FormField(THERAPIST_ID, "id", "One therapist.", suggestions=ids))


def _restrict_to_roster(one: FormField, tables: Tables) -> FormField:
    """Return a field whose suggestions some therapist has, so that no wish is suggested that none can meet."""
    from dataclasses import replace

    if one.kind not in ("code", "set") or one.name not in tables.therapists:
        return one
    present = list_codes(tables.therapists[one.name])
    return replace(one, suggestions=tuple(code for code in one.suggestions if code in present))


def find_next_id(ids: Iterable[str]) -> str:
    """Return the id after the largest one, in the most common form of the ids; empty where none ends in a number.

    >>> find_next_id(["c0007", "c0412", "x1"]), find_next_id(["anna"]), find_next_id(["99"])
    ('c0413', '', '100')
    """
    numbered = [found.groups() for one in ids if (found := _NUMBERED_ID.fullmatch(one))]
    if not numbered:
        return ""
    prefix = Counter(prefix for prefix, _ in numbered).most_common(1)[0][0]
    digits = [digits for start, digits in numbered if start == prefix]
    return f"{prefix}{max(int(one) for one in digits) + 1:0{max(len(one) for one in digits)}d}"


def find_clients(
    ids: Iterable[str], waiting: Iterable[str], text: str, most: int, find_state: Callable[[str], str]
) -> FoundClients:
    """Return the clients whose id holds a text, without regard to case and outer spaces; none for no text.

    ``find_state`` is called for the clients who are listed.
    """
    wanted = text.strip().casefold()
    if not wanted:
        return FoundClients()
    found = sorted(one for one in ids if wanted in one.casefold())
    equal = [one for one in found if one.casefold() == wanted]
    exact = text.strip() if text.strip() in equal else equal[0] if len(equal) == 1 else None
    who_wait = frozenset(waiting)
    listed = sorted(found, key=lambda one: one not in who_wait)[:most]  # by id within each group
    return FoundClients(exact, tuple(FoundClient(one, one in who_wait, find_state(one)) for one in listed), len(found))
