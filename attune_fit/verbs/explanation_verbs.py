"""Verbs that explain a pair: its score, why a therapist is not on the list, and therapists side by side."""

from __future__ import annotations

from collections.abc import Sequence

from attune_fit.clinic_session import ClinicSession
from attune_fit.results import Result


class ExplanationVerbs(ClinicSession):
    """What can be asked about a client and one therapist, or a few of them."""

    def explain(self, client_id: str, therapist_id: str) -> Result:
        """Return the terms that add up to one pair's expected alliance, in points of the instrument.

        Returns
        -------
        Result
            Of a :class:`ScoreBreakdown`. The frame has one row for each term; its ``points`` sum to the score.

        Examples
        --------
        >>> import attune_fit as af
        >>> clinic = af.simulate(clients=40, therapists=6, seed=1).workspace()
        >>> result = clinic.explain("c0037", "t06")
        >>> bool(abs(result.to_frame()["points"].sum() - result.result.score) < 1e-9)
        True
        """
        from attune_fit.matching.explaining.score_breakdown import explain_score
        from attune_fit.result_frames import build_terms_frame

        one = explain_score(self.get_scorer(), str(client_id), str(therapist_id))
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

        Examples
        --------
        >>> import attune_fit as af
        >>> clinic = af.simulate(clients=40, therapists=6, seed=1).workspace()
        >>> clinic.why_not("c0037", "t01")
        t01 for c0037: ruled out by region, payer, open_slots
        """
        from attune_fit.matching.explaining.why_not import explain_why_not
        from attune_fit.result_frames import build_why_not_frame

        one = explain_why_not(
            self.get_scorer(), str(client_id), str(therapist_id), None if against is None else str(against)
        )
        place = f"rank {one.position} of {one.candidates}" if one.position else "ruled out by "
        rules = ", ".join(detail.broken.rule for detail in one.grounds)
        return Result(
            one, f"{therapist_id} for {client_id}: {place}{rules}", lambda: build_why_not_frame(one), one.to_dict
        )

    def compare(self, client_id: str, therapist_ids: Sequence[str]) -> Result:
        """Compare two or three therapists for a client: wishes, checkable facts, and the estimate.

        Parameters
        ----------
        client_id : str
        therapist_ids : sequence of str
            Two or three different ids. Therapists whom a rule excludes can be among them.

        Returns
        -------
        Result
            Of a :class:`Comparison`. The frame has one row for each wish or fact and therapist.

        Raises
        ------
        DataFault
            If an id is not in its table, if the number of therapists is not two or three, or if the client is set
            aside.

        Examples
        --------
        >>> import attune_fit as af
        >>> clinic = af.simulate(clients=40, therapists=6, seed=1).workspace()
        >>> result = clinic.compare("c0037", ["t06", "t01"])
        >>> [(one.therapist_id, one.band) for one in result.result.therapists]
        [('t06', 1), ('t01', 0)]
        """
        from attune_fit.matching.explaining.side_by_side import compare_side_by_side
        from attune_fit.result_frames import build_comparison_frame

        self.check_not_set_aside(str(client_id))
        one = compare_side_by_side(self.get_scorer(), str(client_id), [str(other) for other in therapist_ids])
        ids = ", ".join(other.therapist_id for other in one.therapists)
        summary = f"{client_id}: {ids} side by side; {one.highest} has the highest estimate"
        return Result(one, summary, lambda: build_comparison_frame(one), one.to_dict)
