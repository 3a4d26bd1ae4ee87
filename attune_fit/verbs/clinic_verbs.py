"""Verbs about the whole clinic: assign, capacity, follow up, fairness."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from attune_fit.clinic_session import ClinicSession, check_at_least
from attune_fit.results import Result

if TYPE_CHECKING:
    import pandas as pd

    from attune_fit.matching.assignment.assignment_result import Assignment
    from attune_fit.matching.assignment.constraints import AssignmentConstraints

IdPairs = Mapping[str, str] | Iterable[tuple[str, str]]
ALL_POLICIES = "all"


class ClinicVerbs(ClinicSession):
    """What can be done for the waiting list, the roster, and the clients in treatment."""

    def assign(
        self,
        policy: str | Sequence[str] = (),
        *,
        pin: IdPairs = (),
        refuse: IdPairs = (),
        keep: Mapping[str, str] | pd.DataFrame | Result | Path | str | None = None,
        seed: int | None = None,
        log: bool = False,
        out: Path | str | None = None,
        raw: bool = False,
    ) -> Result:
        """Place all clients who wait into the open slots; with several policies, compare them.

        Parameters
        ----------
        policy : str or sequence of str, optional
            Names of policies, or ``"all"``. Default: the clinic's setting.
        pin, refuse : dict of client_id to therapist_id, or pairs of both
            Pairs to place, and pairs not to place in this run. Only pairs can give one client several therapists.
        keep : dict, DataFrame, Result or file, optional
            An earlier placement: change as few of its pairs as possible. A frame or file has the columns ``client_id``
            and ``therapist_id``.
        seed : int, optional
            Seed of the tie-break. Default: the clinic's setting.
        log : bool, default False
            Whether to add the placement to the clinic's log. A comparison of policies places no client: not logged.
        out : Path or str, optional
            Also write the placement to this file, one row for each client, in a format of FORMATS.
        raw : bool, default False
            As in ``write_rankings``.

        Returns
        -------
        Result
            Of an :class:`Assignment`, or of a list of them. The frame has one row for each client and policy.

        Raises
        ------
        DataFault
            If a pin or a refusal is not possible, if no policy has one of the names, or if ``out`` cannot be used.

        Examples
        --------
        >>> import attune_fit as af
        >>> clinic = af.simulate(clients=40, therapists=6, seed=1).workspace()
        >>> clinic.assign()
        balanced: 2 of 4 clients placed
        """
        from attune_fit.earlier_placement import read_earlier_placement
        from attune_fit.matching.assignment import assign as assignment
        from attune_fit.matching.assignment.constraints import AssignmentConstraints
        from attune_fit.matching.assignment.policies import POLICIES
        from attune_fit.result_frames import build_assignments_frame

        names = [policy] if isinstance(policy, str) else list(dict.fromkeys(policy))
        names = [row.name for row in POLICIES] if ALL_POLICIES in names else names
        constraints = AssignmentConstraints(list_pairs(pin), list_pairs(refuse), read_earlier_placement(keep))
        if out is not None:
            self.check_table_path(Path(out))
        found = assignment.assign(self.get_scorer(seed), names, constraints, report_progress=self.report_progress)
        summary = "; ".join(
            f"{one.policy}: {one.totals.placed} of {one.totals.waiting} clients placed" for one in found
        )
        if len(found) > 1:
            return Result(found, summary, lambda: build_assignments_frame(found),
                          lambda: [one.to_dict() for one in found], set_aside=self.list_set_aside())  # fmt: skip
        notes = self._log_and_write(found[0], constraints, log=log, out=out, raw=raw)
        return Result(found[0], summary, lambda: build_assignments_frame(found), found[0].to_dict, notes,
                      self.list_set_aside())  # fmt: skip

    def capacity(self, *, codes: int = 10, out: Path | str | None = None, raw: bool = False) -> Result:
        """Count the clients whom each missing code, opening or check blocks, and describe whom to hire.

        Parameters
        ----------
        codes : int, default 10
            The largest number of codes in a new therapist's profile.
        out : Path or str, optional
            Also write the counts to this file, in a format of FORMATS. Counts below 10 are hidden there.
        raw : bool, default False
            As in ``write_rankings``.

        Returns
        -------
        Result
            Of a :class:`CapacityReport`. The frame has one row for each code or therapist.
        """
        from attune_fit.data.clinic.offer_texts import list_waiting_notes
        from attune_fit.data.clinic.waiting_clients import find_waiting_clients
        from attune_fit.data.writing.table_writer import write_frame_blocks
        from attune_fit.matching.capacity.capacity import build_capacity_report
        from attune_fit.result_frames import build_hidden_shortages_frame, build_shortages_frame

        check_at_least(1, codes=codes)
        if out is not None:
            self.check_table_path(Path(out))
        waiting = find_waiting_clients(self.clinic, self.tables)
        one = build_capacity_report(self.clinic, self.tables, waiting, codes, self.report_progress)
        if out is not None:
            write_frame_blocks([build_hidden_shortages_frame(one)], Path(out), raw=raw)
        summary = f"{one.waiting:,} clients wait; {len(one.without_candidate):,} have no candidate"
        notes = tuple(f"Note: {note}" for note in list_waiting_notes(self.clinic, self.tables))
        return Result(one, summary, lambda: build_shortages_frame(one), one.to_dict, notes, self.list_set_aside())

    def follow_up(self, *, therapist: str | None = None, client: str | None = None) -> Result:
        """List pairs with a weak early alliance, pairs whose check is due or missing, and clients who left early.

        Parameters
        ----------
        therapist : str, optional
            Only pairs of this therapist; the cut-offs stay those of the whole clinic. Default: all pairs.
        client : str, optional
            Only pairs of this client, also those that began long ago, and those before another therapist. Default: the
            recent pairs of all clients.

        Returns
        -------
        Result
            Of a :class:`FollowUpReport`. The frame has one row for each pair with a flag.
        """
        from attune_fit.matching.follow_up import follow_up as matching_follow_up
        from attune_fit.result_frames import build_follow_up_frame

        ids = (None if one is None else str(one) for one in (therapist, client))
        one = matching_follow_up.follow_up(self.clinic, self.tables, *ids)
        summary = f"{len(one.pairs):,} pairs to look at; {one.done:,} of {one.due:,} checks have a score"
        return Result(one, summary, lambda: build_follow_up_frame(one), one.to_dict)

    def fairness(self, *, everyone: bool = False) -> Result:
        """Compare lists and outcomes between groups of clients and of therapists, with intervals.

        Parameters
        ----------
        everyone : bool, default False
            Make lists for all clients, as if each came today; else for those who wait.

        Returns
        -------
        Result
            Of a :class:`FairnessAudit`. The frame has one row for each metric and group.
        """
        from attune_fit.clinic_audit import audit_fairness
        from attune_fit.result_frames import build_groups_frame

        one = audit_fairness(self, everyone=everyone)
        n_significant = sum(cell.stands_out for cell in one.compared.cells)
        summary = f"{one.clients:,} {one.whose} ranked; {n_significant} differences between groups are significant"
        return Result(one, summary, lambda: build_groups_frame(one), one.to_dict)

    def _log_and_write(
        self,
        placement: Assignment,
        constraints: AssignmentConstraints,
        *,
        log: bool,
        out: Path | str | None,
        raw: bool,
    ) -> tuple[str, ...]:
        """Write the placement's file and log the placement if asked; return what to know about both."""
        from attune_fit.artifact_checks import list_artifact_notes
        from attune_fit.data.storage.atomic_write import is_stream
        from attune_fit.data.writing.table_writer import write_frame_blocks
        from attune_fit.matching.ranking_log import log_assignment

        notes, file = list(list_artifact_notes(self.clinic)) if log else [], ""
        if out is not None:
            is_kept = not is_stream(Path(out))
            replaced = " (the earlier file was replaced)" if is_kept and Path(out).exists() else ""
            n_rows, file = write_frame_blocks([placement.to_frame()], Path(out), raw=raw), Path(out).name
            again = f". To change as little as possible next time: --keep {out}" if is_kept and placement.placed else ""
            notes.append(f"{n_rows:,} row{'' if n_rows == 1 else 's'} in {out}{replaced}{again}")
        if log and (note := log_assignment(self.clinic, placement, constraints, file=file,
                                           events=self.tables.last_event)):  # fmt: skip
            notes.insert(0, note)
        return tuple(notes)


def list_pairs(pairs: IdPairs) -> list[tuple[str, str]]:
    """Return pairs of client and therapist as a list of ids as text.

    Raises
    ------
    ValueError
        If something else than pairs of ids was given.
    """
    listed = list(pairs.items()) if isinstance(pairs, Mapping) else list(pairs)
    if any(isinstance(pair, str) or len(pair) != 2 for pair in listed):
        raise ValueError("pin and refuse take pairs, such as {'c17': 't03'} or [('c17', 't03')].")
    return [(str(client), str(therapist)) for client, therapist in listed]
