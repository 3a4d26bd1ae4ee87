"""Verbs about clients: rank, relax, rematch."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from attune_fit.clinic_session import ClinicSession, check_at_least
from attune_fit.data.command_words import format_option, format_word
from attune_fit.results import Result

if TYPE_CHECKING:
    from attune_fit.matching.ranking.ranking_result import Ranking


class ClientVerbs(ClinicSession):
    """What can be done for clients, one by one or for all who wait.

    Notes
    -----
    A ranking in Python is logged only with ``log=True``; see the notes of :class:`Workspace`.
    """

    def rank(
        self, client_id: str, *, seed: int | None = None, log: bool = False, shortlist: int | None = None
    ) -> Result:
        """Rank the available therapists for a client, with reasons, and give the rules that exclude the others.

        Parameters
        ----------
        client_id : str
        seed : int, optional
            Seed of the order inside bands (the tie-break). Default: the clinic's setting.
        log : bool, default False
            Whether to add the ranking to the clinic's log; see the notes of the class.
        shortlist : int, optional
            For the log: how many candidates were shown. Default: the clinic's setting.

        Returns
        -------
        Result
            Of a :class:`Ranking`. The frame has one row for each therapist, in points of the instrument.

        Raises
        ------
        DataFault
            If no client has this id, or if the client is set aside: a restriction of theirs cannot be read.

        Examples
        --------
        >>> import attune_fit as af
        >>> clinic = af.simulate(clients=40, therapists=6, seed=1).workspace()
        >>> result = clinic.rank("c0037")
        >>> result.summary
        'c0037: 1 available, t06 first; 5 ruled out'
        >>> result.to_frame()["status"].value_counts().to_dict()
        {'excluded': 5, 'ranked': 1}
        """
        from attune_fit.matching.ranking.rank import rank
        from attune_fit.result_frames import build_rankings_frame

        check_at_least(1, shortlist=shortlist)
        self.check_not_set_aside(str(client_id))
        ranking = rank(self.get_scorer(seed), str(client_id))
        notes = (
            *self._list_ranking_notes([ranking], log=log, shortlist=shortlist),
            *self._list_meeting_notes(ranking),
            *self._list_offer_notes(str(client_id)),
            *self._list_trial_notes(str(client_id)),
        )
        return Result(ranking, _summarize(ranking), lambda: build_rankings_frame([ranking]), ranking.to_dict, notes,
                      self.list_set_aside())  # fmt: skip

    def rank_waiting(
        self, *, everyone: bool = False, seed: int | None = None, log: bool = False, shortlist: int | None = None
    ) -> Result:
        """Rank for all clients who wait, or for all clients with ``everyone``; the other parameters as in ``rank``.

        Returns
        -------
        Result
            Of a list of :class:`Ranking`, by client id. The frame has one row for each client and therapist.
        """
        from attune_fit.result_frames import build_rankings_frame

        rankings, notes = self._rank_list(everyone, seed, log=log, shortlist=shortlist)
        return Result(rankings, _summarize_list(rankings, everyone=everyone), lambda: build_rankings_frame(rankings),
                      lambda: [ranking.to_dict() for ranking in rankings], notes, self.list_set_aside())  # fmt: skip

    def worklist(self, *, everyone: bool = False, seed: int | None = None, log: bool = False) -> Result:
        """Rank as ``rank_waiting`` does, and list one line for each client: who needs a coordinator first.

        With ``log``, the log holds the first candidate of each client, because a worklist shows no other.

        Returns
        -------
        Result
            Of a tuple of :class:`WorklistEntry`, in the order to work. The frame has one row for each client.
        """
        from attune_fit.matching.ranking.worklist import build_worklist
        from attune_fit.result_frames import build_worklist_frame

        rankings, notes = self._rank_list(everyone, seed, log=log, shortlist=1)
        entries = build_worklist(rankings, self.get_scorer(seed))
        return Result(entries, _summarize_list(rankings, everyone=everyone), lambda: build_worklist_frame(entries),
                      lambda: [vars(entry) for entry in entries], notes, self.list_set_aside())  # fmt: skip

    def write_rankings(
        self,
        target: Path | str,
        client_id: str | None = None,
        *,
        everyone: bool = False,
        seed: int | None = None,
        raw: bool = False,
        top: int | None = None,
        excluded: bool | None = None,
        jobs: int | None = None,
        cluster: str | None = None,
    ) -> Result:
        """Write one row for each client and therapist to a file, in constant memory and without reasons; log the file.

        Parameters
        ----------
        target : Path or str
            Its name ends in a suffix of FORMATS, such as ``.csv`` or ``.parquet``. Text that ends in ``/``, or a folder
            that exists: Parquet files ``part-00000.parquet``, ... in that folder.
        client_id : str, optional
            One client. Default: all clients who wait, or all clients with ``everyone``.
        everyone : bool, default False
        seed : int, optional
            As in ``rank``.
        raw : bool, default False
            Whether CSV and TSV files get cells that begin with = + - @ as they are. Else an apostrophe is put before
            them, so that no spreadsheet runs them.
        top : int, optional
            Only the first candidates of each client, >= 1. Default: all.
        excluded : bool, optional
            Whether to write the therapists that a rule excludes. Default: only without ``top``.
        jobs : int, optional
            Processes that work at once, >= 1; the file is the same for each number. Default: one for each core, where
            there is enough to do.
        cluster : str, optional
            Address of the scheduler of a Dask cluster, or ``local`` for one on this machine. The file is the same.

        Returns
        -------
        Result
            Of a dict: ``out``, the numbers of ``clients``, ``therapists`` and ``rows``, and the ids of the clients
            ``without_candidate``, who have no ranked row.

        Raises
        ------
        DataFault
            If the target is one of the clinic's own files or has an unknown suffix, or no client has the id, or the
            client is set aside; if a worker process or the cluster is lost. Nothing is written then.
        OSError
            If the file cannot be written. An existing file is unchanged.
        """
        import numpy as np
        import pandas as pd

        from attune_fit.artifact_checks import list_artifact_notes
        from attune_fit.data.parallel.executor_choice import open_executor
        from attune_fit.data.writing.output_path import check_output_parts, is_folder_target
        from attune_fit.data.writing.table_writer import open_output
        from attune_fit.matching.batch.logged_files import FIND_CLIENTS, describe_selection
        from attune_fit.matching.batch.ranking_files import write_ranking_parts, write_rankings
        from attune_fit.matching.batch.ranking_table import RowSelection
        from attune_fit.matching.ranking.parallel_scoring import choose_jobs, prepare_worker
        from attune_fit.matching.ranking.rank import find_row
        from attune_fit.matching.ranking_log import log_ranking_file

        check_at_least(1, top=top, jobs=jobs)
        is_folder, target = is_folder_target(target), Path(target)
        if is_folder:
            check_output_parts(self.clinic, target)
        else:
            self.check_table_path(target)
        group = "" if client_id is not None else "all" if everyone else "waiting"
        if group:
            rows = FIND_CLIENTS[group](self.clinic, self.tables)
        else:
            rows = np.array([find_row(self.tables, "clients", str(client_id))])
            self.check_not_set_aside(str(client_id))
        self.report_progress(f"ranking for {_count_clients(len(rows))}")
        selection = RowSelection(top, top is None if excluded is None else excluded)
        n_therapists = len(self.tables.therapists)
        if jobs is None and cluster is None:
            jobs = choose_jobs(len(rows) * n_therapists)
        with open_executor(jobs, cluster) as executor, open_output(target) as file:
            executor.start(prepare_worker)  # while the model is read
            scorer = self.get_scorer(seed)
            write = write_ranking_parts if is_folder else partial(write_rankings, raw=raw)
            done = write(scorer, rows, file, selection, executor=executor, report_progress=self.report_progress)
            changed = list_artifact_notes(self.clinic)
            logged = describe_selection(group, selection, is_folder=is_folder)
            note = log_ranking_file(
                scorer, file, done.rows, client_id="" if group else str(client_id), raw=raw, selection=logged
            )
        without = done.without_candidate
        written = {"out": str(target), "clients": len(rows), "therapists": n_therapists, "rows": done.rows,
                   "without_candidate": without}  # fmt: skip
        waiting = self._list_offer_notes(client_id, everyone=everyone)
        notes = (*self._list_training_notes(), *changed, *([note] if note else []), *waiting)
        row = {**written, "without_candidate": "; ".join(without)}
        return Result(written, f"{done.rows:,} rows in {target}", lambda: pd.DataFrame([row]), lambda: written, notes,
                      self.list_set_aside())  # fmt: skip

    def relax(self, client_id: str, *, most: int = 10) -> Result:
        """Find the smallest changes that would add candidates for a client, at most ``most`` of them.

        Returns
        -------
        Result
            Of a :class:`RelaxationResult`. The frame has one row for each option.
        """
        from attune_fit.matching.relaxation import relax as relaxation
        from attune_fit.result_frames import build_options_frame

        check_at_least(1, most=most)
        self.check_not_set_aside(str(client_id))
        self.report_progress("trying possible changes")
        one = relaxation.relax(self.get_scorer(), str(client_id), most)
        summary = f"{client_id}: {one.candidates} candidates; {len(one.ways)} options would add others"
        return Result(one, summary, lambda: build_options_frame(one), one.to_dict)

    def rematch(
        self, client_id: str, *, seed: int | None = None, log: bool = False, shortlist: int | None = None
    ) -> Result:
        """Rank again for a client who has met a therapist: without that therapist, with the client's own ratings.

        Parameters and errors as in ``rank``; also an error if the client has met no therapist of the roster.

        Returns
        -------
        Result
            Of a pair: a :class:`RematchResult`, and the :class:`RematchOutcomes` of the clinic's records. The frame has
            one row for each therapist, with the expected change in points.
        """
        from attune_fit.artifact_checks import list_artifact_notes
        from attune_fit.matching.follow_up import rematch as follow_up_rematch
        from attune_fit.matching.follow_up.rematch_outcomes import compute_rematch_outcomes
        from attune_fit.matching.ranking_log import log_rankings
        from attune_fit.result_frames import build_rematch_frame

        check_at_least(1, shortlist=shortlist)
        self.check_not_set_aside(str(client_id))
        one = follow_up_rematch.rematch(self.get_scorer(seed), str(client_id))
        outcomes = compute_rematch_outcomes(self.clinic, self.tables)
        changed = list_artifact_notes(self.clinic) if log else ()
        events = self.tables.last_event
        note = log_rankings(self.clinic, [one.ranking], shortlist, kind="rematch", events=events) if log else None
        summary = f"{_summarize(one.ranking)}, after {len(one.met)} met"
        return Result((one, outcomes), summary, lambda: build_rematch_frame(one),
                      lambda: {**one.to_dict(), "observed_changes": outcomes.to_dict()},
                      (*changed, *([note] if note else []), *self._list_offer_notes(str(client_id))),
                      self.list_set_aside())  # fmt: skip

    def _rank_list(
        self, everyone: bool, seed: int | None, *, log: bool, shortlist: int | None
    ) -> tuple[list[Ranking], tuple[str, ...]]:
        """Rank for all clients who wait, or for all clients; return the rankings by client id, and the notes."""
        from attune_fit.matching.ranking.rank import rank_each

        check_at_least(1, shortlist=shortlist)
        ids = self.list_client_ids(waiting_only=not everyone)
        self.report_progress(f"ranking for {_count_clients(len(ids))}")
        rankings = list(rank_each(self.get_scorer(seed), ids))
        notes = self._list_ranking_notes(rankings, log=log, shortlist=shortlist)
        return rankings, (*notes, *self._list_offer_notes(everyone=everyone))

    def _list_ranking_notes(self, rankings: Sequence[Ranking], *, log: bool, shortlist: int | None) -> tuple[str, ...]:
        """Log the rankings if asked, and return what to know about them."""
        from attune_fit.artifact_checks import list_artifact_notes
        from attune_fit.matching.ranking_log import log_rankings

        changed = list_artifact_notes(self.clinic) if log else ()
        note = log_rankings(self.clinic, rankings, shortlist, events=self.tables.last_event) if log else None
        return (*self._list_training_notes(), *changed, *([note] if note else []))

    def _list_meeting_notes(self, ranking: Ranking) -> tuple[str, ...]:
        """Return a note if the client has met therapists, whom a first ranking does not leave out."""
        if not ranking.met_therapists:
            return ()
        client_id, names = ranking.client_id, ", ".join(ranking.met_therapists)
        return (
            f"Note: {client_id} has met {names}. For another therapist, with what their ratings showed: "
            f"attune rematch {format_word(self.folder)} {format_option('--client', client_id)}",
        )

    def _list_offer_notes(self, client_id: str | None = None, *, everyone: bool = False) -> tuple[str, ...]:
        """Return a note for each offer of a client; without a client, one about those who have an offer: not listed."""
        from attune_fit.data.clinic.offer_texts import list_client_notes, list_waiting_notes

        if client_id is not None:
            notes = list_client_notes(self.tables, str(client_id))
        else:
            notes = () if everyone else list_waiting_notes(self.clinic, self.tables)
        return tuple(f"Note: {note}" for note in notes)

    def _list_trial_notes(self, client_id: str) -> tuple[str, ...]:
        """Return a note if the client is allocated in a trial: then another list is to be offered."""
        from attune_fit.data.sealed_files import TRIALS

        if not (self.clinic.artifacts / TRIALS.file).exists():
            return ()
        from attune_fit.training.trials.trial_registry import find_running_trial

        name = find_running_trial(self.clinic.artifacts, client_id)
        if not name:
            return ()
        command = f"attune trial allocate {format_word(self.folder)} {name} {format_option('--client', client_id)}"
        return (f"Note: {client_id} is allocated in the trial {name}. Offer the list of the trial: {command}",)

    def _list_training_notes(self) -> tuple[str, ...]:
        """Return a note where the clinic has outcomes and no model fitted to them is active."""
        from attune_fit.models.active_pointer import has_bundles, is_trained

        n_outcomes = self.snapshot.n_scores
        if not n_outcomes or is_trained(self.clinic):
            return ()
        records = f"Note: this clinic has {n_outcomes:,} outcome record{'' if n_outcomes == 1 else 's'}"
        if has_bundles(self.clinic):
            return (
                f"{records}, but no model trained on them is live. See: attune models list {format_word(self.folder)}",
            )
        return (f"{records}, but no model was trained on them yet. Next: attune train {format_word(self.folder)}",)


def _count_clients(number: int) -> str:
    return f"{number:,} client{'' if number == 1 else 's'}"


def _summarize(ranking: Ranking) -> str:
    """Return a ranking in one line."""
    n_excluded = len(ranking.excluded)
    therapist_ids = ranking.arrays.therapist_ids
    first = f", {therapist_ids[0]} first" if therapist_ids else ""
    return f"{ranking.client_id}: {len(ranking.candidates)} available{first}; {n_excluded} ruled out"


def _summarize_list(rankings: Sequence[Ranking], *, everyone: bool) -> str:
    """Return the rankings of many clients in one line."""
    n_without = sum(not ranking.candidates for ranking in rankings)
    return (
        f"{len(rankings):,} {'clients' if everyone else 'clients who wait'}, {n_without:,} of them without a candidate"
    )
