"""How offers compare with the lists they came from: how often the first place was offered, and why another one.

Groups under :data:`MIN_GROUP_SIZE` offers are hidden, and those from which a reader could compute one. Nothing is
counted by person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from attune_fit.data.journal.events.reason_codes import OVERRIDE_REASONS
from attune_fit.data.small_cells import MIN_GROUP_SIZE, find_suppressed_groups, suppress_small_count

if TYPE_CHECKING:
    import datetime as dt

    import pandas as pd

    from attune_fit.clinic_session import ClinicSession
    from attune_fit.data.journal.journal_event import JournalEvent
    from attune_fit.journal_records import EventFilter
    from attune_fit.matching.ranking_log import LogRow

OFFERED = "offered"
NO_REASON = "no reason given"  # of an offer that was not the first place, without a code
LEVEL = 0.95
CAUTION = (
    "This is no measure of quality. A coordinator who offers another therapist can be right: the client and the clinic "
    "know more than the list."
)
MEANINGS: Mapping[str, str] = {
    **{reason.code: reason.meaning for reason in OVERRIDE_REASONS},
    NO_REASON: "The offer has no code of a reason. Within the first band, none is needed.",
}
FRAME_COLUMNS = ("what", "name", "count", "of", "rate", "low", "high")


@dataclass(frozen=True)
class ListedOffer:
    """One offer that was not taken back, with its place on the list that was seen.

    Attributes
    ----------
    on : date
    rank : int or None
        Place on the list, 1 for the first; None where it was not recorded.
    band : int or None
        Band of that place; None where it was not recorded.
    override : str
        Code of :data:`OVERRIDE_REASONS`; empty without one.
    """

    on: dt.date
    rank: int | None = None
    band: int | None = None
    override: str = ""


@dataclass(frozen=True)
class OfferShare:
    """A part of some offers.

    Attributes
    ----------
    count, of : int
        ``of`` is at least :data:`MIN_GROUP_SIZE`.
    rate : float in [0, 1]
    low, high : float in [0, 1]
        Wilson interval, 95%: it holds if offers are independent of each other.
    """

    count: int
    of: int
    rate: float
    low: float
    high: float


@dataclass(frozen=True)
class NamedShare:
    """The share of one reason, or the share of first places in one month.

    Attributes
    ----------
    name : str
        Code of the reason, or the month as ``2026-11``.
    share : OfferShare or None
        None where it is hidden.
    meaning : str
        Of the reason; empty for a month.
    """

    name: str
    share: OfferShare | None
    meaning: str = ""


@dataclass(frozen=True)
class AgreementReport:
    """How offers compare with the lists they came from.

    Attributes
    ----------
    since, until : date or None
        First and last day of the offers; None for no limit.
    n_offers : int or str
        Offers whose place on the list is known; a text where they are few.
    n_without_place : int or str
        Offers without a known place, which count nowhere else; a text where they are few.
    first_place, first_band : OfferShare or None
        How often the first place, and a place in the first band, was offered; None where it is hidden. The second is
        of the offers with a recorded band.
    reasons : tuple of NamedShare
        Of the offers that were not the first place, the share of each reason; the most frequent first, then those that
        are hidden, by code. Empty without such an offer.
    months : tuple of NamedShare
        How often the first place was offered in each month, the earliest first.
    caution : str
        What these numbers do not mean.
    """

    since: dt.date | None
    until: dt.date | None
    n_offers: int | str
    n_without_place: int | str
    first_place: OfferShare | None
    first_band: OfferShare | None
    reasons: tuple[NamedShare, ...]
    months: tuple[NamedShare, ...]
    caution: str = CAUTION

    @property
    def has_hidden(self) -> bool:
        """Whether anything is hidden because it is about few offers."""
        shares = [self.first_place, self.first_band, *(one.share for one in (*self.reasons, *self.months))]
        return any(share is None for share in shares)

    @property
    def summary(self) -> str:
        """The report in one line."""
        if self.first_place is None:
            return f"{self.n_offers} offers with a known place: too few for a report"
        share = self.first_place
        return (
            f"The first place was offered in {share.rate:.0%} of {share.of:,} offers (95% interval {share.low:.0%} to "
            f"{share.high:.0%})"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the report in the types of JSON; days stay dates."""
        return asdict(self)

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each share; the numbers of one that is hidden are missing."""
        import pandas as pd

        named = [("first place", "", self.first_place), ("first band", "", self.first_band)]
        named += [("reason", one.name, one.share) for one in self.reasons]
        named += [("first place in month", one.name, one.share) for one in self.months]
        rows = [{"what": what, "name": name, **(asdict(share) if share else {})} for what, name, share in named]
        return pd.DataFrame(rows, columns=list(FRAME_COLUMNS)).astype({"count": "Int64", "of": "Int64"})


def report_agreement(session: ClinicSession, wanted: EventFilter) -> AgreementReport:
    """Compare the offers of the journal with the lists they came from.

    An offer that was taken back does not count. Where an offer has a line of the log and no place, the place is the one
    on that line.
    """
    from attune_fit.matching.ranking_log import list_log_rows

    events = session.journal_events
    undone = {int(event.fields["event"]) for event in events if event.type == "undone"}
    offers = [one for one in wanted.select(events) if one.type == OFFERED and one.number not in undone]
    needs_log = any("rank" not in one.fields and "line" in one.fields for one in offers)
    lines = {row.line: row for row in list_log_rows(session.clinic)} if needs_log else {}
    return build_agreement_report([_read_offer(one, lines) for one in offers], wanted.since, wanted.until)


def build_agreement_report(
    offers: Iterable[ListedOffer], since: dt.date | None = None, until: dt.date | None = None
) -> AgreementReport:
    """Count offers by their place, by reason and by month, with what is about few offers hidden."""
    listed = list(offers)
    placed = [one for one in listed if one.rank is not None]
    others = [one for one in placed if one.rank != 1]
    with_band = [one for one in placed if one.band is not None]
    n_left = len(placed) - len(with_band)  # a small rest could be computed from both shares
    is_band_shown = n_left == 0 or n_left >= MIN_GROUP_SIZE
    return AgreementReport(
        since, until, suppress_small_count(len(placed)), suppress_small_count(len(listed) - len(placed)),
        compute_share(sum(one.rank == 1 for one in placed), len(placed)),
        compute_share(sum(one.band == 1 for one in with_band), len(with_band)) if is_band_shown else None,
        _count_reasons(others), _count_months(placed),
    )  # fmt: skip


def compute_share(count: int, of: int) -> OfferShare | None:
    """Return a share with its Wilson interval; None where it is of fewer than :data:`MIN_GROUP_SIZE` offers.

    References
    ----------
    .. [1] Wilson (1927), J. Am. Stat. Assoc. 22, 209-212, doi:10.1080/01621459.1927.10502953.

    Examples
    --------
    >>> share = compute_share(30, 40)
    >>> round(share.low, 3), round(share.high, 3), compute_share(5, 9)
    (0.598, 0.858, None)
    """
    if of < MIN_GROUP_SIZE:
        return None
    from statsmodels.stats.proportion import proportion_confint  # type: ignore[import-untyped]

    low, high = proportion_confint(count, of, alpha=1 - LEVEL, method="wilson")
    return OfferShare(count, of, count / of, max(float(low), 0.0), min(float(high), 1.0))  # rounding can exceed


def _read_offer(event: JournalEvent, lines: Mapping[str, LogRow]) -> ListedOffer:
    """Return an offer with its place: the recorded one, else the one on the line of the log that it names."""
    fields = event.fields
    rank, row = fields.get("rank"), lines.get(str(fields.get("line")))
    if rank is None and row is not None and row.about == event.client_id:
        shown = row.therapist_ids
        rank = shown.index(event.therapist_id) + 1 if event.therapist_id in shown else None
    return ListedOffer(event.on, rank, fields.get("band"), fields.get("override", ""))


def _count_reasons(others: Sequence[ListedOffer]) -> tuple[NamedShare, ...]:
    """Return the share of each reason of the offers that were not the first place."""
    counts = Counter(one.override or NO_REASON for one in others)
    hidden = _find_hidden(counts)
    shown = sorted(counts.keys() - hidden, key=lambda code: (-counts[code], code))
    return tuple(
        NamedShare(code, None if code in hidden else compute_share(counts[code], len(others)), MEANINGS.get(code, ""))
        for code in (*shown, *sorted(hidden))
    )


def _count_months(placed: Sequence[ListedOffer]) -> tuple[NamedShare, ...]:
    """Return the share of first places in each month."""
    counts = Counter(f"{one.on:%Y-%m}" for one in placed)
    first = Counter(f"{one.on:%Y-%m}" for one in placed if one.rank == 1)
    hidden = _find_hidden(counts)
    return tuple(
        NamedShare(month, None if month in hidden else compute_share(first[month], counts[month]))
        for month in sorted(counts)
    )


def _find_hidden(counts: Mapping[str, int]) -> frozenset[str]:
    """Return the names whose counts are hidden, where the sum of all is shown."""
    total = sum(counts.values())
    if len(counts) == 1 and total >= MIN_GROUP_SIZE:  # the sum is the only count
        return frozenset()
    return find_suppressed_groups(counts, {name: total - count for name, count in counts.items()})
