"""What a follow-up points out about a pair, and how much the literature says about acting on it: one row a flag."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from attune_fit.data.published_statistics import read_published_statistics


@dataclass(frozen=True)
class Flag:
    """One thing to look at.

    Attributes
    ----------
    name : str
    description : str
        What is true of the pair, in a few words.
    action : str
        What to do.
    function : callable
        Takes the pairs of :func:`build_follow_up_table` and returns whether it is true of each, a bool series.
    evidence_template : str
        What is known of acting on it; ``{key}`` stands for a published figure.
    sources : tuple of str
        Keys of :func:`read_published_statistics`.
    """

    name: str
    description: str
    action: str
    function: Callable[[pd.DataFrame], pd.Series]
    evidence_template: str
    sources: tuple[str, ...]

    @property
    def evidence(self) -> str:
        """``evidence_template`` with its figures and who published them.

        >>> FLAGS[0].evidence.split(":")[0]
        'Weak alliance goes with a poorer outcome (r = 0.278) and with leaving early (d = 0.55)'
        """
        known = {key: read_published_statistics()[key] for key in self.sources}
        cites = "; ".join(dict.fromkeys(f"{one.cite} ({one.mark})" for one in known.values()))
        said = self.evidence_template.format(**{key: f"{one.value:g}" for key, one in known.items()})
        return f"{said} {cites}."


FLAGS: tuple[Flag, ...] = (
    Flag(
        "weak",
        "early alliance is weak",
        "talk about it with the client, and with the therapist; a rematch is one possible answer",
        lambda pairs: pairs["weak"] & ~pairs["dropped_out"],
        "Weak alliance goes with a poorer outcome (r = {alliance_outcome_r}) and with leaving early "
        "(d = {alliance_dropout_d}): a reason to ask. No study here shows that changing therapists on a score helps.",
        ("alliance_outcome_r", "alliance_dropout_d"),
    ),
    Flag(
        "missing",
        "the check is overdue: no early score has come in",
        "ask for the form; who does not fill it in may be on the way out",
        lambda pairs: pairs["unscored"] & pairs["overdue"] & ~pairs["dropped_out"],
        "One session's rating has a dependability of {session_dependability}, and alliance at session 3 alone tells "
        "{session_3_outcome_share} of the variance of outcome: a form is worth asking for, not more.",
        ("session_dependability", "session_3_outcome_share"),
    ),
    Flag(
        "due",
        "the check is coming up",
        "hand out the form",
        lambda pairs: pairs["unscored"] & ~pairs["overdue"] & ~pairs["dropped_out"],
        "One session's rating has a dependability of {session_dependability}; with two sessions it is "
        "{two_session_dependability}.",
        ("session_dependability", "two_session_dependability"),
    ),
    Flag(
        "dropped_out",
        "the client left early",
        "get in touch, and ask what was missing",
        lambda pairs: pairs["dropped_out"],
        "A share of {dropout_share} leave early, and their alliance was weaker (d = {alliance_dropout_d}).",
        ("dropout_share", "alliance_dropout_d"),
    ),
)
