"""Flags of a follow-up: what to look at in a pair, what to do, and the published evidence; one row for each flag.

The rows are in the order of urgency. :func:`follow_up` sorts the pairs by it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from attune_fit.data.published_statistics import read_published_statistics


@dataclass(frozen=True)
class Flag:
    """One reason to look at a pair.

    Attributes
    ----------
    name : str
    description : str
        The state of the pair, in a few words.
    action : str
        What the clinic should do.
    function : callable
        Takes the pairs of :func:`build_follow_up_table`; returns whether each pair has the flag, a bool series.
    summary_template : str
        The evidence in plain words; a share in it, ``{key}``, reads "1 in 5".
    evidence_template : str
        The published evidence on the action; ``{key}`` is the place of a published statistic.
    sources : tuple of str
        Keys of :func:`read_published_statistics` in the two templates.
    """

    name: str
    description: str
    action: str
    function: Callable[[pd.DataFrame], pd.Series]
    summary_template: str
    evidence_template: str
    sources: tuple[str, ...]

    @property
    def summary(self) -> str:
        """Return the evidence in plain words, without figures and sources.

        >>> FLAGS[1].summary
        'About 1 in 5 clients leave early; their alliance was weaker on average.'
        """
        shares = {key: f"1 in {1 / abs(read_published_statistics()[key].value):.0f}" for key in self.sources}
        return self.summary_template.format(**shares)

    @property
    def evidence(self) -> str:
        """Return ``evidence_template`` with its statistics and their citations.

        >>> FLAGS[0].evidence.split(":")[0]
        'Weak alliance goes with a poorer outcome (r = 0.278) and with leaving early (d = 0.55)'
        """
        statistics = {key: read_published_statistics()[key] for key in self.sources}
        citations = "; ".join(dict.fromkeys(f"{row.cite} ({row.mark})" for row in statistics.values()))
        evidence = self.evidence_template.format(**{key: f"{row.value:g}" for key, row in statistics.items()})
        return f"{evidence} {citations}."


URGENCY_RULE = (
    "weak alliance (fallen since then first, then the lowest), left early (latest start first), check overdue (longest "
    "first), check due"
)  # the order of FLAGS, and the order of pairs with the same flag

FLAGS: tuple[Flag, ...] = (
    Flag(
        "weak",
        "early alliance is weak",
        "talk about it with the client, and with the therapist; a rematch is one possible answer",
        lambda pairs: pairs["weak"] & ~pairs["dropped_out"],
        "A weak alliance goes with a poorer outcome and with leaving early: a reason to ask. No study cited here shows "
        "that a change of therapist after a low score helps.",
        "Weak alliance goes with a poorer outcome (r = {alliance_outcome_r}) and with leaving early "
        "(d = {alliance_dropout_d}): a reason to ask. No study cited here shows that a change of therapist after a low "
        "score helps.",
        ("alliance_outcome_r", "alliance_dropout_d"),
    ),
    Flag(
        "dropped_out",
        "the client left early",
        "get in touch, and ask what was missing",
        lambda pairs: pairs["dropped_out"],
        "About {dropout_share} clients leave early; their alliance was weaker on average.",
        "A share of {dropout_share} leave early, and their alliance was weaker (d = {alliance_dropout_d}).",
        ("dropout_share", "alliance_dropout_d"),
    ),
    Flag(
        "missing",
        "the check is overdue: there is no early score yet",
        "ask for the form; clients who skip the form might be about to drop out",
        lambda pairs: pairs["needs_score"] & pairs["overdue"],
        "The rating of one session is not very dependable: ask for the form, but do not rely on it alone.",
        "One session's rating has a dependability of {session_dependability}, and alliance at session 3 alone "
        "explains {session_3_outcome_share} of the variance of outcome: ask for the form, but do not rely on it alone.",
        ("session_dependability", "session_3_outcome_share"),
    ),
    Flag(
        "due",
        "the check is coming up",
        "hand out the form",
        lambda pairs: pairs["needs_score"] & ~pairs["overdue"],
        "Ratings of two sessions are more dependable than the rating of one.",
        "One session's rating has a dependability of {session_dependability}; with two sessions it is "
        "{two_session_dependability}.",
        ("session_dependability", "two_session_dependability"),
    ),
)
