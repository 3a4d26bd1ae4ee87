"""Join the lists of the log with the therapist whom each client met afterwards, and with that therapist's rating."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from attune_fit.data.arrays import Floats, Indices
from attune_fit.data.clinic.display_instrument import find_main_instrument
from attune_fit.data.outcomes.episodes import build_episodes
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.matching.ranking.list_draw import ListDraw, parse_list_draw
from attune_fit.matching.ranking_log import LogRow, list_log_rows
from attune_fit.models.active_model import adapt_to_clinic, load_starting_model
from attune_fit.training.evaluation.choice_model import ShownLists
from attune_fit.training.evaluation.doubly_robust_value import RatedLists
from attune_fit.training.evaluation.draw_probability import compute_place_probabilities
from attune_fit.training.evaluation.out_of_fold_pair_parts import list_blocks
from attune_fit.training.evaluation.outcome_predictions import OutcomePredictions, crossfit_outcomes

if TYPE_CHECKING:
    from attune_fit.clinic_session import ClinicSession
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.data.journal.journal_event import JournalEvent

RANKED = "rank"  # the kind of a list for a client; other kinds are rematches and the arms of trials
NO_START = "no start with a therapist after the list"
NO_RATING = "no early rating of the first therapist after the list"


@dataclass(frozen=True)
class RatedList:
    """A list that was shown, and the rating of the therapist whom the client met afterwards.

    Attributes
    ----------
    client_row, therapist_row : int
        Rows of the tables.
    y : float
        Early alliance, POMP.
    shown : tuple of str
        Ids of the therapists in the order shown.
    chosen : int
        Place of the therapist who was met, from 1; 0 for one who was not on the list.
    draw : ListDraw or None
        How the order was drawn; None where the line does not hold it.
    """

    client_row: int
    therapist_row: int
    y: float
    shown: tuple[str, ...]
    chosen: int
    draw: ListDraw | None


@dataclass(frozen=True)
class JoinedLists:
    """The rated lists of a clinic, one a client, and how many clients with a list are left out, by reason."""

    records: tuple[RatedList, ...]
    n_clients: int
    left_out: Mapping[str, int]

    @property
    def n_with_draw(self) -> int:
        """Lists whose draw was logged."""
        return sum(record.draw is not None for record in self.records)


def join_lists(session: ClinicSession) -> JoinedLists:
    """Join each client's list with the first therapist who was met after it, and that therapist's early rating.

    The list is the one that the offer to this pair names; else the last one that was written before the start. The
    start is that of the journal, else the day of the first rating. Lists of rematches and of the arms of a trial do not
    count, and no list without a therapist.
    """
    lists, days = _list_shown_lists(session), _read_journal_days(session.journal_events)
    records, left_out = [], Counter[str]()
    meetings = _list_meetings(session, days)
    for client, lines in lists.items():
        found = _find_first_meeting(client, lines, meetings.get(client, ()), days)
        if found is None:
            left_out[NO_START] += 1
        elif np.isnan(found[0].y):
            left_out[NO_RATING] += 1
        else:
            records.append(_build_record(*found))
    return JoinedLists(tuple(records), len(lists), dict(left_out))


@dataclass(frozen=True)
class Meeting:
    """A client and a therapist who met.

    Attributes
    ----------
    client_row, therapist_row : int
    therapist_id : str
    day : date or None
        Of the start in the journal, else of the first row of outcomes; None where unknown.
    y : float
        Early alliance, POMP; NaN without a rating.
    """

    client_row: int
    therapist_row: int
    therapist_id: str
    day: dt.date | None
    y: float


def _list_meetings(session: ClinicSession, days: JournalDays) -> dict[str, list[Meeting]]:
    """List the meetings of each client, by day; those without a day come last."""
    tables, main = session.tables, find_main_instrument(session.tables, session.clinic)
    rows = {side: _number_ids(tables, side) for side in ("client", "therapist")}
    ids = {side: list(found) for side, found in rows.items()}
    episodes = build_episodes(tables, session.clinic.instruments, main)
    began = episodes["began"].to_numpy("datetime64[D]")
    met: dict[tuple[str, str], Meeting] = {}
    for (client, therapist, y), day in zip(
        episodes[["client_row", "therapist_row", "pomp"]].itertuples(index=False, name=None), began, strict=True
    ):
        pair = ids["client"][client], ids["therapist"][therapist]
        first = days.started.get(pair, None if np.isnat(day) else day.item())
        met[pair] = Meeting(int(client), int(therapist), pair[1], first, float(y))
    for (client, therapist), day in days.started.items():  # a start without any row of outcomes
        if (client, therapist) not in met and client in rows["client"] and therapist in rows["therapist"]:
            places = rows["client"][client], rows["therapist"][therapist]
            met[client, therapist] = Meeting(*places, therapist, day, float("nan"))
    meetings: dict[str, list[Meeting]] = {}
    for (client, _), meeting in sorted(met.items(), key=lambda one: one[1].day or dt.date.max):
        meetings.setdefault(client, []).append(meeting)
    return meetings


def _number_ids(tables: Tables, side: str) -> dict[str, int]:
    """Return the row of each id of the clients or the therapists."""
    return {str(one): row for row, one in enumerate(getattr(tables, f"{side}s")[f"{side}_id"])}


def _find_first_meeting(
    client: str, lines: Sequence[LogRow], meetings: Sequence[Meeting], days: JournalDays
) -> tuple[Meeting, LogRow] | None:
    """Return a client's first meeting after a list, with the line of that list; None without one."""
    for meeting in meetings:
        line = _find_line(lines, days.lines.get((client, meeting.therapist_id)), meeting.day)
        if line is not None:
            return meeting, line
    return None


def _build_record(meeting: Meeting, line: LogRow) -> RatedList:
    shown = line.therapist_ids
    chosen = shown.index(meeting.therapist_id) + 1 if meeting.therapist_id in shown else 0
    draw = parse_list_draw(line.fields, len(shown))
    return RatedList(meeting.client_row, meeting.therapist_row, meeting.y, shown, chosen, draw)


@dataclass(frozen=True)
class JournalDays:
    """By pair: the day of its start, and the line of the log that its last offer names."""

    started: Mapping[tuple[str, str], dt.date]
    lines: Mapping[tuple[str, str], str]


def _read_journal_days(events: Sequence[JournalEvent]) -> JournalDays:
    """Read the first start of each pair, and the line of its last offer; events that were undone do not count."""
    undone = {int(event.fields["event"]) for event in events if event.type == "undone"}
    started: dict[tuple[str, str], dt.date] = {}
    lines: dict[tuple[str, str], str] = {}
    for event in events:
        if event.number in undone or event.client_id is None or event.therapist_id is None:
            continue
        pair = event.client_id, event.therapist_id
        if event.type == "started":
            started.setdefault(pair, event.on)
        elif event.type == "offered" and "line" in event.fields:
            lines[pair] = str(event.fields["line"])
    return JournalDays(started, lines)


def _list_shown_lists(session: ClinicSession) -> dict[str, list[LogRow]]:
    """List the lists with at least one therapist, by client, the oldest first."""
    lists: dict[str, list[LogRow]] = {}
    for row in list_log_rows(session.clinic):
        if row.kind == "ranking" and row.fields.get("kind", RANKED) == RANKED and row.about and row.therapist_ids:
            lists.setdefault(row.about, []).append(row)
    return lists


def _find_line(lines: Sequence[LogRow], named: str | None, started: dt.date | None) -> LogRow | None:
    """Return the line that the offer names, else the last one up to the day of the start; None without one."""
    for row in lines:
        if row.line == named:
            return row
    if started is None:
        return None
    earlier = [row for row in lines if row.when and row.when[:10] <= started.isoformat()]
    return earlier[-1] if earlier else None


def build_rated_lists(session: ClinicSession, joined: JoinedLists, seed: int) -> tuple[RatedLists, OutcomePredictions]:
    """Build the arrays of the rated lists, and the cross-fitted expectations; ``joined`` has at least one record."""
    records = joined.records
    n, k = len(records), max(len(record.shown) for record in records)
    row_of = _number_ids(session.tables, "therapist")
    label = {**row_of}
    shown = np.full((n, k), -1)
    for row, record in enumerate(records):
        for place, therapist in enumerate(record.shown):
            shown[row, place] = label.setdefault(therapist, len(label))  # some have left the roster
    is_place = shown >= 0
    band = np.zeros((n, k), dtype=np.intp)
    at, is_first = np.zeros((n, k)), np.zeros((n, k), dtype=bool)
    for row, record in enumerate(records):
        band[row], at[row], is_first[row] = _describe_places(record, k)
    lists = ShownLists(is_place, band, np.array([record.chosen for record in records], dtype=np.intp))
    y = np.array([record.y for record in records])
    met = np.array([record.therapist_row for record in records], dtype=np.intp)
    numbers = _predict_at_start(session.clinic, session.tables, [record.client_row for record in records])
    known = np.where(shown < len(row_of), shown, -1)  # -1 takes the client's mean, which is the last column
    places = numbers[np.arange(n)[:, None], known]
    predictions = crossfit_outcomes(y, numbers[np.arange(n), met], places, met, shown, seed)
    return RatedLists(y, lists, at, is_first & is_place, shown), predictions


def _describe_places(record: RatedList, k: int) -> tuple[Indices, Floats, Any]:
    """Return band, chance of the therapist who was met, and whether it is in the first group, of each of k places."""
    band, at, is_first = np.zeros(k, dtype=np.intp), np.zeros(k), np.zeros(k, dtype=bool)
    draw, n_shown = record.draw, len(record.shown)
    if draw is None:
        is_first[0] = True
        if record.chosen:
            at[record.chosen - 1] = 1.0
        return band, at, is_first
    for group in draw.groups:
        band[group.first - 1 : min(group.first - 1 + group.size, n_shown)] = group.band
    is_first[: min(draw.groups[0].size, n_shown)] = True
    if draw.groups[0].newcomers not in (0, draw.groups[0].size):  # unequal chances: only the draw itself is a fair mean
        is_first[1:] = False
    if record.chosen:
        group = draw.find_group(record.chosen)
        own = compute_place_probabilities(group.size, group.newcomers, draw.weight)
        chances = own[int(record.chosen in draw.newcomers)]
        end = min(group.first - 1 + group.size, n_shown)
        at[group.first - 1 : end] = chances[: end - group.first + 1]
    return band, at, is_first


def _predict_at_start(clinic: Clinic, tables: Tables, client_rows: Sequence[int]) -> Floats:
    """Return what the starting model expects of the clients with each therapist, as two numbers a pair.

    The starting model has learned from no record of the clinic, so its expectation holds no client's own rating.

    Returns
    -------
    array of shape (clients, therapists + 1, 2)
        The pair's difference from the client's mean, and that mean, POMP; the last therapist has a difference of 0.
    """
    sides = Sides(tables)
    model = adapt_to_clinic(clinic, tables, load_starting_model(), sides)
    rows, roster = np.asarray(client_rows, dtype=np.intp), np.arange(len(tables.therapists))
    score = np.empty((len(rows), len(roster)))
    for block in list_blocks(len(rows), len(roster)):
        score[block] = model.compute_parts(Pairs(sides, rows[block][:, None], roster[None, :])).score
    mean = score.mean(axis=1, keepdims=True)
    difference = np.concatenate([score - mean, np.zeros((len(rows), 1))], axis=1)
    return np.stack([difference, np.broadcast_to(mean, difference.shape)], axis=-1)
