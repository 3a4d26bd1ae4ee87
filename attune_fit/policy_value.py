"""Report what the first places of the clinic's lists would have been good for, against what was done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from attune_fit.data.small_cells import (
    HIDDEN_COUNT_TEXT,
    MIN_GROUP_SIZE,
    find_suppressed_groups,
    suppress_nested_counts,
)
from attune_fit.policy_value_records import JoinedLists, build_rated_lists, join_lists
from attune_fit.training.evaluation.doubly_robust_value import (
    MAX_UNCHOSEN_SHARE,
    MIN_EFFECTIVE_SIZE,
    PolicyValue,
    estimate_policy_value,
)
from attune_fit.training.evaluation.rank_outcome import RankOutcome, estimate_rank_outcome

if TYPE_CHECKING:
    import pandas as pd

    from attune_fit.clinic_session import ClinicSession

CANNOT_SAY = "These records cannot say"
CAUTION = (
    "The estimate assumes that place and recorded facts are all that both the choice and the rating depend on. A "
    "coordinator knows more than the list, so a planned trial is the stronger evidence: `attune trial`."
)
FIRST, ANOTHER, NOT_ON_LIST = "first place", "another place", "not on the list"


@dataclass(frozen=True)
class PolicyValueReport:
    """The value of the first place of the clinic's lists, against what was done.

    Attributes
    ----------
    n_clients : int or str
        Clients with a list in the log; a text where they are few.
    n_lists, n_with_draw : int or str
        Lists with a rating, and those of them whose random order was logged.
    left_out : dict of str to int or str
        Clients with a list who do not count, by reason.
    places : dict of str to int or str
        How often a therapist at the first place was met, at another place, and one who was not on the list.
    value : PolicyValue
        In POMP; its refusal is why there is no answer.
    rank : RankOutcome or None
        Outcome on the rank of the therapist seen; None with too few records.
    caution : str
        What has to be true for the estimate to hold.
    """

    n_clients: int | str
    n_lists: int | str
    n_with_draw: int | str
    left_out: Mapping[str, int | str]
    places: Mapping[str, int | str]
    value: PolicyValue
    rank: RankOutcome | None
    caution: str = CAUTION

    @property
    def answer(self) -> str:
        """The answer in one plain sentence, without figures."""
        gain = self.value.gain
        if gain is None:
            return f"{CANNOT_SAY} what the first places of the lists would have given: {self.reason}."
        if gain.low > 0:
            return "The first places of the lists would have given better ratings than what was done."
        if gain.high < 0:
            return "The first places of the lists would have given lower ratings than what was done."
        return "These records cannot show whether the first places of the lists are better than what was done."

    @property
    def reason(self) -> str:
        """Why the records cannot answer; empty where they can."""
        value = self.value
        if value.refusal == "few-lists":
            return "too few lists have a rating"
        if value.refusal == "small-effective-size":
            return f"the effective sample size is {value.effective_size:.0f}, and {MIN_EFFECTIVE_SIZE:.0f} are needed"
        if value.refusal == "never-chosen":
            return (
                f"{value.unchosen_share:.0%} of the first places are of therapists who were never chosen for such "
                f"clients (at most {MAX_UNCHOSEN_SHARE:.0%}, and none who was expected several times)"
            )
        return ""

    @property
    def summary(self) -> str:
        """The answer with its figures in one line."""
        gain = self.value.gain
        if gain is None:
            return self.answer
        interval = f"95% interval {gain.low:+.1f} to {gain.high:+.1f}"
        size = f"effective sample size {self.value.effective_size:.0f}"
        return f"{self.answer} Difference {gain.value:+.1f} POMP points ({interval}; {size})"

    def to_dict(self) -> dict[str, Any]:
        """Return the report in the types of JSON."""
        plain = asdict(self)
        if plain["rank"]:
            del plain["rank"]["n"]  # with it a hidden count of places could be computed
        return {
            "has_answer": self.value.has_answer, "answer": self.answer, "reason": self.reason,
            **{name: one for name, one in plain.items() if name != "value"},
            **{name: one for name, one in asdict(self.value).items() if name != "n"},
        }  # fmt: skip

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each figure, with the ends of its interval where it has one."""
        import pandas as pd

        value, rank = self.value, self.rank
        rows: list[dict[str, Any]] = [
            {"figure": "mean rating under what was done", "value": value.done},
            {"figure": "mean rating under the first place", **(asdict(value.policy) if value.policy else {})},
            {"figure": "difference", **(asdict(value.gain) if value.gain else {})},
            {"figure": "effective sample size", "value": value.effective_size},
            {"figure": "first places never chosen for such clients", "value": value.unchosen_share},
            {"figure": "outcome on the rank of the therapist seen",
             **({"value": rank.b, "low": rank.low, "high": rank.high} if rank else {})},
        ]  # fmt: skip
        numbers = dict.fromkeys(("value", "low", "high"), "float64")
        return pd.DataFrame(rows, columns=["figure", *numbers]).astype(numbers)


def report_policy_value(session: ClinicSession, seed: int) -> PolicyValueReport:
    """Report the value of the first place of the clinic's lists; ``seed`` decides the folds of the outcome model."""
    joined = join_lists(session)
    if len(joined.records) < MIN_GROUP_SIZE:  # no figure is about so few
        return _build_report(joined, PolicyValue(len(joined.records), 0.0, 0.0, "few-lists"), None)
    rated, predictions = build_rated_lists(session, joined, seed)
    value = estimate_policy_value(rated, predictions.met, predictions.places)
    is_listed = rated.lists.chosen > 0
    met = np.array([record.therapist_row for record in joined.records], dtype=np.intp)
    rank = estimate_rank_outcome(rated.y[is_listed], rated.lists.chosen[is_listed].astype(float), met[is_listed])
    return _build_report(joined, value, rank)


def _build_report(joined: JoinedLists, value: PolicyValue, rank: RankOutcome | None) -> PolicyValueReport:
    """Return the report with small counts hidden, and those from which one could be computed."""
    chosen = [record.chosen for record in joined.records]
    counts = {
        FIRST: sum(one == 1 for one in chosen),
        ANOTHER: sum(one > 1 for one in chosen),
        NOT_ON_LIST: sum(one == 0 for one in chosen),
    }
    nested = suppress_nested_counts((joined.n_with_draw, len(joined.records), joined.n_clients))
    n_with_draw, n_lists, n_clients = (int(one) if one.isdigit() else one for one in nested)
    left_out = _hide_small_counts(dict(sorted(joined.left_out.items())))
    return PolicyValueReport(n_clients, n_lists, n_with_draw, left_out, _hide_small_counts(counts), value, rank)


def _hide_small_counts(counts: Mapping[str, int]) -> dict[str, int | str]:
    """Return counts whose sum can be known; those of small groups are a text."""
    total = sum(counts.values())
    hidden = find_suppressed_groups(counts, {name: total - count for name, count in counts.items()})
    return {name: HIDDEN_COUNT_TEXT if name in hidden and count else count for name, count in counts.items()}
