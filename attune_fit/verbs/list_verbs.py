"""Verbs about the lists of a coordinator's day: waiting list, today, roster, who fits, and a therapist who leaves."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from attune_fit.clinic_session import ClinicSession, check_at_least
from attune_fit.results import Result

if TYPE_CHECKING:
    from attune_fit.data.journal.journal_state import JournalState
    from attune_fit.matching.day_lists.latest_events import LatestEvents


class ListVerbs(ClinicSession):
    """What a coordinator looks at each day. Nothing of it is logged, and nothing is recorded."""

    def waiting_list(
        self,
        *,
        state: str | None = None,
        priority: str | None = None,
        sort: str = "priority",
        start: int = 0,
        most: int | None = None,
    ) -> Result:
        """List the clients who have no therapist yet, by priority, then by wait, with the first candidate of each.

        Parameters
        ----------
        state : str, optional
            Only clients in this state, such as ``"declined"``; see :data:`WAITING_STATES`.
        priority : str, optional
            Only clients with this priority: ``"urgent"``, ``"soon"``, ``"routine"``, or ``""`` for clients without one.
        sort : {"priority", "wait", "client_id", "state"}
        start : int, default 0
            How many clients to leave out first.
        most : int, optional
            How many clients to list then. Default: all.

        Returns
        -------
        Result
            Of a :class:`PriorityList`. The frame has one row for each client.

        Raises
        ------
        DataFault
            If there is no such state, priority or order.

        Examples
        --------
        >>> import attune_fit as af
        >>> clinic = af.simulate(clients=40, therapists=6, seed=1).workspace()
        >>> clinic.waiting_list(most=2).summary
        '4 clients without a therapist, 2 of them listed'
        """
        from attune_fit.list_frames import build_waiting_frame
        from attune_fit.matching.day_lists.priority_list_builder import build_priority_list

        check_at_least(1, most=most)
        check_at_least(0, start=start)
        listed = build_priority_list(self.get_scorer(), self._find_latest_events(), state=state, priority=priority,
                                     sort=sort, start=start, most=most)  # fmt: skip
        summary = f"{listed.total:,} clients without a therapist, {len(listed.clients):,} of them listed"
        return Result(listed, summary, lambda: build_waiting_frame(listed.clients), listed.to_dict,
                      set_aside=self.list_set_aside())  # fmt: skip

    def today(self) -> Result:
        """List what a coordinator has to do today and this week, with the first clients of the waiting list.

        Returns
        -------
        Result
            Of a :class:`DayList`. The frame has one row for each task.
        """
        from attune_fit.list_frames import build_tasks_frame
        from attune_fit.matching.day_lists.day_list_builder import build_day_list
        from attune_fit.matching.day_lists.day_tasks import ClinicDay

        day = build_day_list(ClinicDay(self.get_scorer(), self._build_journal_state(), self.exported_tables))
        n_overdue = sum(task.due == "overdue" for task in day.tasks)
        summary = f"{len(day.tasks):,} tasks, {n_overdue:,} of them overdue; {day.counts['waiting']:,} clients wait"
        return Result(day, summary, lambda: build_tasks_frame(day.tasks), day.to_dict,
                      set_aside=self.list_set_aside())  # fmt: skip

    def roster(self, *, state: str | None = None) -> Result:
        """List the therapists with openings, offers, the age of the row and the limits; no score of a therapist.

        Parameters
        ----------
        state : str, optional
            Only therapists in this state, such as ``"stale"``; see :data:`ROSTER_STATES`.

        Returns
        -------
        Result
            Of a :class:`RosterList`. The frame has one row for each therapist.

        Raises
        ------
        DataFault
            If there is no such state.

        Examples
        --------
        >>> import attune_fit as af
        >>> clinic = af.simulate(clients=40, therapists=6, seed=1).workspace()
        >>> clinic.roster().summary
        '6 therapists, 2 of them open, with 2 openings'
        """
        from attune_fit.list_frames import build_roster_frame
        from attune_fit.matching.day_lists.roster_list_builder import build_roster_list

        listed = build_roster_list(self.clinic, self.snapshot.sides, self._find_latest_events(), state)
        openings = f"{listed.openings:,} opening{'' if listed.openings == 1 else 's'}"
        summary = f"{listed.total:,} therapists, {listed.states['open']:,} of them open, with {openings}"
        return Result(listed, summary, lambda: build_roster_frame(listed.therapists), listed.to_dict,
                      set_aside=self.list_set_aside())  # fmt: skip

    def who_fits(self, therapist_id: str, most: int | None = 20) -> Result:
        """List the waiting clients who have a therapist on their list, by priority, then by wait.

        Parameters
        ----------
        therapist_id : str
        most : int, optional
            How many clients to list, >= 1. None: all.

        Returns
        -------
        Result
            Of a :class:`FittingClients`. The frame has one row for each client.

        Raises
        ------
        DataFault
            If no therapist has this id.
        """
        from attune_fit.list_frames import build_fitting_frame
        from attune_fit.matching.day_lists.fitting_clients_builder import find_fitting_clients

        check_at_least(1, most=most)
        found = find_fitting_clients(self.get_scorer(), self._find_latest_events(), str(therapist_id), most)
        summary = f"{found.matching:,} of {found.total:,} waiting clients have {found.therapist_id} on the list"
        return Result(found, summary, lambda: build_fitting_frame(found.clients), found.to_dict,
                      set_aside=self.list_set_aside())  # fmt: skip

    def plan_leave(self, therapist_id: str, *, also: Collection[str] = ()) -> Result:
        """Plan where the clients of a therapist who leaves can go; ``record_all`` records the events of the plan.

        Parameters
        ----------
        therapist_id : str
        also : collection of str
            Ids of clients whose last record with the therapist is old (``unclear`` of the plan), and who are still in
            therapy with the therapist: they move too.

        Returns
        -------
        Result
            Of a :class:`LeavingPlan`. The frame has one row for each client.

        Raises
        ------
        DataFault
            If no therapist has this id, or if the therapist has no record with a client of ``also``.
        """
        from attune_fit.list_frames import build_moves_frame
        from attune_fit.matching.day_lists.leaving_plan_builder import build_leaving_plan

        clients = [str(client_id) for client_id in also]
        plan = build_leaving_plan(self.get_scorer(), self._find_latest_events(), str(therapist_id), clients)
        n_placed = sum(move.therapist_id is not None for move in plan.moves)
        summary = f"{plan.therapist_id}: {n_placed:,} of {len(plan.moves):,} clients can move"
        return Result(plan, summary, lambda: build_moves_frame(plan.moves), plan.to_dict,
                      set_aside=self.list_set_aside())  # fmt: skip

    def _build_journal_state(self) -> JournalState:
        """Return the tables and the events of the journal, as they are for this verb."""
        from attune_fit.data.journal.journal_state import JournalState

        return JournalState(self.clinic, self.tables, self.journal_events, self.applied_journal.undone)

    def _find_latest_events(self) -> LatestEvents:
        from attune_fit.matching.day_lists.latest_events import LatestEvents

        return LatestEvents.from_journal(self._build_journal_state())
