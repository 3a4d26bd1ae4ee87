"""The verbs of a clinic: each is a method that returns the result of the command of the same name."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.matching.ranking.ranking_result import Ranking
    from attune_fit.matching.ranking.scored_roster import RosterScorer
    from attune_fit.models.alliance_model import AllianceModel
    from attune_fit.pair_features import TrainingData
    from attune_fit.results import Result

IdPairs = Mapping[str, str] | Iterable[tuple[str, str]]
ALL_POLICIES = "all"


class ClinicVerbs:
    """What can be done with an open clinic; :class:`Workspace` is the class to use.

    A verb takes the options of the command of the same name, with the same defaults, and raises :class:`DataFault` with
    the same message. No verb asks for a format: each result has ``to_frame()`` and ``to_dict()``.

    Notes
    -----
    The log answers which list a coordinator saw. A notebook ranks for study, and often, so a ranking or a placement in
    Python is logged only with ``log=True``. Set it when the result is shown to a person who will act on it.
    """

    clinic: Clinic
    tables: Tables
    model: AllianceModel
    _scorers: dict[int | None, RosterScorer]

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
            If no client has this id.
        """
        from attune_fit.result_frames import build_rankings_frame
        from attune_fit.results import Result

        ranking = self._rank_clients([client_id], seed, log=log, shortlist=shortlist)[0]
        return Result(ranking, _summarize(ranking), lambda: build_rankings_frame([ranking]), ranking.to_dict)

    def rank_waiting(
        self, *, everyone: bool = False, seed: int | None = None, log: bool = False, shortlist: int | None = None
    ) -> Result:
        """Rank for all clients who wait, or for all clients with ``everyone``; the other parameters as in ``rank``.

        Returns
        -------
        Result
            Of a list of :class:`Ranking`, by client id. The frame has one row for each client and therapist.
        """
        from attune_fit.data.clinic.waiting_clients import find_waiting_clients
        from attune_fit.result_frames import build_rankings_frame
        from attune_fit.results import Result

        rows = slice(None) if everyone else find_waiting_clients(self.clinic, self.tables)
        ids = sorted(self.tables.clients["client_id"].iloc[rows])
        rankings = self._rank_clients(ids, seed, log=log, shortlist=shortlist)
        n_without = sum(not ranking.candidates for ranking in rankings)
        which = "clients" if everyone else "clients who wait"
        summary = f"{len(rankings):,} {which}, {n_without:,} of them without a candidate"
        return Result(rankings, summary, lambda: build_rankings_frame(rankings),
                      lambda: [ranking.to_dict() for ranking in rankings])  # fmt: skip

    def explain(self, client_id: str, therapist_id: str) -> Result:
        """Return the terms that add up to one pair's expected alliance, in points of the instrument.

        Returns
        -------
        Result
            Of a :class:`ScoreBreakdown`. The frame has one row for each term; its ``points`` sum to the score.
        """
        from attune_fit.matching.explaining.score_breakdown import explain_score
        from attune_fit.result_frames import build_terms_frame
        from attune_fit.results import Result

        one = explain_score(self.model, self.clinic, self.tables, client_id, therapist_id)
        summary = (
            f"{client_id} with {therapist_id}: expected alliance {one.score:.2f} ({one.low:.2f} to {one.high:.2f})"
        )
        return Result(one, summary, lambda: build_terms_frame(one), one.to_dict)

    def why_not(self, client_id: str, therapist_id: str, *, against: str | None = None) -> Result:
        """Explain why a therapist is not on a client's list, rule by rule; or why another comes first, term by term.

        Parameters
        ----------
        client_id, therapist_id : str
        against : str, optional
            Id of the therapist to compare with. Default: the candidate one rank higher.

        Returns
        -------
        Result
            Of a :class:`WhyNotResult`. The frame has one row for each rule, or for each term of the comparison.
        """
        from attune_fit.matching.explaining.why_not import explain_why_not
        from attune_fit.result_frames import build_why_not_frame
        from attune_fit.results import Result

        one = explain_why_not(self.model, self.clinic, self.tables, client_id, therapist_id, against)
        place = f"rank {one.position} of {one.candidates}" if one.position else "ruled out by "
        rules = ", ".join(detail.broken.rule for detail in one.grounds)
        return Result(
            one, f"{therapist_id} for {client_id}: {place}{rules}", lambda: build_why_not_frame(one), one.to_dict
        )

    def relax(self, client_id: str, *, most: int = 10) -> Result:
        """Find the smallest changes that would add candidates for a client, at most ``most`` of them.

        Returns
        -------
        Result
            Of a :class:`RelaxationResult`. The frame has one row for each option.
        """
        from attune_fit.matching.relaxation import relax as relaxation
        from attune_fit.result_frames import build_options_frame
        from attune_fit.results import Result

        one = relaxation.relax(self.model, self.clinic, self.tables, client_id, most)
        summary = f"{client_id}: {one.candidates} candidates; {len(one.ways)} options would add others"
        return Result(one, summary, lambda: build_options_frame(one), one.to_dict)

    def capacity(self, *, codes: int = 10) -> Result:
        """Count the clients whom each missing code, opening or check blocks, and describe whom to hire.

        Parameters
        ----------
        codes : int, default 10
            The largest number of codes in a new therapist's profile.

        Returns
        -------
        Result
            Of a :class:`CapacityReport`. The frame has one row for each code or therapist.
        """
        from attune_fit.data.clinic.waiting_clients import find_waiting_clients
        from attune_fit.matching.capacity.capacity import build_capacity_report
        from attune_fit.result_frames import build_shortages_frame
        from attune_fit.results import Result

        waiting = find_waiting_clients(self.clinic, self.tables)
        one = build_capacity_report(self.clinic, self.tables, waiting, codes)
        n_without = len(one.to_dict()["nobody"])
        summary = f"{one.waiting:,} clients wait; {n_without:,} have no candidate"
        return Result(one, summary, lambda: build_shortages_frame(one), one.to_dict)

    def assign(
        self,
        policy: str | Sequence[str] = (),
        *,
        pin: IdPairs = (),
        refuse: IdPairs = (),
        keep: Mapping[str, str] | pd.DataFrame | Result | Path | str | None = None,
        seed: int | None = None,
        log: bool = False,
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

        Returns
        -------
        Result
            Of an :class:`Assignment`, or of a list of them. The frame has one row for each client and policy.

        Raises
        ------
        DataFault
            If a pin or a refusal is not possible, or if no policy has one of the names.
        """
        from attune_fit.earlier_placement import read_earlier_placement
        from attune_fit.matching.assignment import assign as assignment
        from attune_fit.matching.assignment.constraints import AssignmentConstraints
        from attune_fit.matching.assignment.policies import POLICIES
        from attune_fit.matching.ranking_log import log_assignment
        from attune_fit.result_frames import build_assignments_frame
        from attune_fit.results import Result

        names = [policy] if isinstance(policy, str) else list(dict.fromkeys(policy))
        names = [row.name for row in POLICIES] if ALL_POLICIES in names else names
        constraints = AssignmentConstraints(_list_pairs(pin), _list_pairs(refuse), read_earlier_placement(keep))
        found = assignment.assign(self.model, self.clinic, self.tables, names, constraints, seed)
        summary = "; ".join(
            f"{one.policy}: {one.totals.placed} of {one.totals.waiting} clients placed" for one in found
        )
        if len(found) > 1:
            return Result(found, summary, lambda: build_assignments_frame(found),
                          lambda: [one.to_dict() for one in found])  # fmt: skip
        if log:
            _warn(log_assignment(self.clinic, found[0], constraints))
        return Result(found[0], summary, lambda: build_assignments_frame(found), found[0].to_dict)

    def follow_up(self) -> Result:
        """List pairs with a weak early alliance, pairs whose check is due or missing, and clients who left early.

        Returns
        -------
        Result
            Of a :class:`FollowUpReport`. The frame has one row for each pair with a flag.
        """
        from attune_fit.matching.follow_up import follow_up as matching_follow_up
        from attune_fit.result_frames import build_follow_up_frame
        from attune_fit.results import Result

        one = matching_follow_up.follow_up(self.clinic, self.tables)
        summary = f"{len(one.pairs):,} pairs to look at; {one.done:,} of {one.due:,} checks have a score"
        return Result(one, summary, lambda: build_follow_up_frame(one), one.to_dict)

    def rematch(
        self, client_id: str, *, seed: int | None = None, log: bool = False, shortlist: int | None = None
    ) -> Result:
        """Rank again for a client who has met a therapist: without that therapist, with the client's own ratings.

        Parameters and errors as in ``rank``; also an error if the client has met no therapist of the roster.

        Returns
        -------
        Result
            Of a :class:`RematchResult`. The frame has one row for each therapist, with the expected change in points.
        """
        from attune_fit.matching.follow_up import rematch as follow_up_rematch
        from attune_fit.matching.follow_up.rematch_outcomes import compute_rematch_outcomes
        from attune_fit.matching.ranking_log import log_rankings
        from attune_fit.result_frames import build_rematch_frame
        from attune_fit.results import Result

        one = follow_up_rematch.rematch(self.model, self.clinic, self.tables, client_id, seed)
        outcomes = compute_rematch_outcomes(self.clinic, self.tables, self._get_scorer(seed).points_per_pomp)
        if log:
            _warn(log_rankings(self.clinic, [one.ranking], shortlist, kind="rematch"))
        summary = f"{_summarize(one.ranking)}, after {len(one.met)} met"
        return Result(one, summary, lambda: build_rematch_frame(one),
                      lambda: {**one.to_dict(), "observed_changes": outcomes.to_dict()})  # fmt: skip

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
        from attune_fit.results import Result

        one = audit_fairness(self, everyone=everyone)
        n_significant = sum(cell.stands_out for cell in one.compared.cells)
        summary = f"{one.clients:,} {one.whose} ranked; {n_significant} differences between groups are significant"
        return Result(one, summary, lambda: build_groups_frame(one), one.to_dict)

    def train(self, *, trials: int = 0, minutes: float = 10.0, seed: int | None = None) -> Result:
        """Train a model on the clinic's outcomes, and rank with it from now on if it is not worse than the active one.

        Parameters
        ----------
        trials : int, default 0
            How many settings of LightGBM to try with Optuna.
        minutes : float, default 10
            No trial starts after this many minutes.
        seed : int, optional
            Default: the clinic's setting.

        Returns
        -------
        Result
            Of a :class:`TrainingResult`. The frame has one row for each metric.
        """
        from attune_fit.models.active_model import load_active_model
        from attune_fit.result_frames import build_metrics_frame, convert_training
        from attune_fit.results import Result
        from attune_fit.training import train as training

        seed = self.clinic.config.settings.seed if seed is None else seed
        one = training.train(self.clinic, self.tables, seed=seed, trials=trials, minutes=minutes)
        self.model = load_active_model(self.clinic, self.tables)
        self._scorers.clear()
        use = "in use" if one.promoted else "not in use"
        summary = f"{one.bundle} ({use}), from {one.n_outcomes:,} records: {one.verdict.plain_sentence}"
        return Result(one, summary, lambda: build_metrics_frame(one), lambda: convert_training(one))

    def training_data(self) -> TrainingData:
        """Return ``X, y, groups`` of the records that ``train`` uses, for scikit-learn.

        X holds ``client_id`` and ``therapist_id``, then the features; y is early alliance in POMP (0-100); groups holds
        the ids and the dates, for the splitters.
        """
        from attune_fit.pair_features import build_training_data

        return build_training_data(self.clinic, self.tables)

    def faults(self) -> Result:
        """List the warnings of the clinic's tables. A clinic with errors does not open: see ``DataFault.faults``.

        Returns
        -------
        Result
            Of a tuple of :class:`Fault`. The frame has one row for each.
        """
        from attune_fit.result_frames import build_faults_frame
        from attune_fit.results import Result

        found = self.tables.warnings
        counts = {"stops": sum(one.stops for one in found), "notes": sum(not one.stops for one in found)}
        summary = f"errors: {counts['stops']}, warnings: {counts['notes']}"
        return Result(found, summary, lambda: build_faults_frame(found),
                      lambda: {**counts, "faults": [vars(one) for one in found]})  # fmt: skip

    def _get_scorer(self, seed: int | None) -> RosterScorer:
        """Return the scorer of the roster for a seed; what all clients share is computed once."""
        from attune_fit.matching.ranking.scored_roster import RosterScorer

        if seed not in self._scorers:
            self._scorers[seed] = RosterScorer.from_clinic(self.model, self.clinic, self.tables, seed)
        return self._scorers[seed]

    def _rank_clients(self, ids: Sequence[str], seed: int | None, *, log: bool, shortlist: int | None) -> list[Ranking]:
        """Rank for each client as :func:`rank_each` does, with the warm scorer."""
        import numpy as np

        from attune_fit.matching.ranking.rank import MAX_PAIRS_WITH_REASONS, find_row
        from attune_fit.matching.ranking.ranking_builder import RankingBuilder
        from attune_fit.matching.ranking_log import log_rankings

        scorer = self._get_scorer(seed)
        rows = np.array([find_row(self.tables, "clients", one) for one in ids], dtype=np.intp)
        rankings = []
        for roster in scorer.score_blocks(rows, MAX_PAIRS_WITH_REASONS):
            builder = RankingBuilder.from_scored_roster(scorer, roster)
            rankings += [builder.build_ranking(client) for client in range(len(roster.pairs.client_rows))]
        if log:
            _warn(log_rankings(self.clinic, rankings, shortlist))
        return rankings


def _summarize(ranking: Ranking) -> str:
    """Return a ranking in one line."""
    n_excluded = len(ranking.excluded)
    first = f", {ranking.candidates[0].therapist_id} first" if ranking.candidates else ""
    return f"{ranking.client_id}: {len(ranking.candidates)} available{first}; {n_excluded} ruled out"


def _list_pairs(pairs: IdPairs) -> list[tuple[str, str]]:
    """Return pairs of client and therapist as a list."""
    return list(pairs.items()) if isinstance(pairs, Mapping) else list(pairs)


def _warn(note: str | None) -> None:
    """Warn of a log that cannot be written; the result is valid all the same."""
    if note:
        warnings.warn(note, RuntimeWarning, stacklevel=3)
