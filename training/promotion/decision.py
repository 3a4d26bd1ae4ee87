"""Whether a new model takes the place of the one that is live, and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from attune_fit.data.faults import DataFault
from attune_fit.models.active_model import STARTING_MODEL_NAME
from attune_fit.training.evaluation.paired_comparison import PairedComparison
from attune_fit.training.evaluation.shuffled_outcomes_test import compute_shuffle_p_value
from attune_fit.training.fitting.fit_model import ModelFitResult
from attune_fit.training.promotion.champion_challenger import Champion, compare_with_champion, find_champion

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables

SHUFFLE_SIGNIFICANCE_LEVEL = (
    0.03  # so many shuffles may agree as well; what is fitted to shuffled outcomes passes about half as often again
)
MIN_RECORD_SHARE = 0.9  # of the live model's records: a model made from less than that replaces it by hand alone


@dataclass(frozen=True)
class PromotionDecision:
    """What becomes of a new model.

    Attributes
    ----------
    what : {"promoted", "refused", "kept"}
        ``kept``: nothing to decide, what is live stays live.
    because : str
        Why, in plain sentences; every reason of a refusal.
    replaced : str
        What was live when it was decided; empty when that could not be read.
    agreement : float or None
        See :func:`compute_shuffle_p_value`; None where not measured.
    compared : tuple of Compared
        The new model against the live one.
    """

    what: Literal["promoted", "refused", "kept"]
    because: str
    replaced: str
    agreement: float | None = None
    compared: tuple[PairedComparison, ...] = ()


def decide_promotion(
    learnt: ModelFitResult,
    name: str,
    clinic: Clinic,
    tables: Tables,
    seed: int = 0,
    say: Callable[[str], None] = lambda _: None,
) -> PromotionDecision:
    """Promote a model that is not worse than the live one beyond noise, where verdict and outcomes allow.

    Parameters
    ----------
    learnt : Learnt
    name : str
        Of its bundle.
    clinic, tables, seed, say
        As in :func:`train`.
    """
    old, notes = _find_champion_or_note(clinic, tables, learnt)
    live = format_bundle_name(old.name) if old else "what is live"
    replaced = old.name if old else ""
    if not len(learnt.records):
        return PromotionDecision(
            "kept", f"There is no early alliance record to learn from; {live} stays live.", replaced
        )
    if old is not None and old.name == name:
        return PromotionDecision("kept", "It came out the same as the bundle that is live.", replaced)

    say(f"Holding the new model against {live}.")
    agrees = compute_shuffle_p_value(learnt.records, learnt.starting_model, learnt.fold_models, seed)
    compared: list[PairedComparison] = []
    if old is not None and learnt.folds:
        compared, more = compare_with_champion(learnt, old, clinic, tables, seed)
        notes += more
    reasons = [
        *_list_outcome_objections(agrees, len(learnt.records)),
        *(_list_champion_objections(learnt, old) if old else []),
    ]
    worse = [one for one in compared if one.is_worse]
    reasons += [f"Worse than {live} beyond noise {_format_comparisons(worse)}."] if worse else []
    if reasons:
        because = " ".join([*reasons, *([] if old else notes), f"{live[0].upper()}{live[1:]} stays live."])
        return PromotionDecision("refused", because, replaced, agrees, tuple(compared))
    than = "by more than counts" if any(one.is_within_margin for one in compared) else "beyond noise"
    held = [f"Not worse than {live} {than} {_format_comparisons(compared)}."] if compared else []
    return PromotionDecision("promoted", " ".join([*held, *notes]), replaced, agrees, tuple(compared))


def format_bundle_name(name: str) -> str:
    """What a bundle is called in a sentence.

    >>> format_bundle_name("day0"), format_bundle_name("2411e6276e74")
    ('day 0', 'bundle 2411e6276e74')
    """
    return "day 0" if name == STARTING_MODEL_NAME else f"bundle {name}"


def _format_comparisons(compared: Sequence[PairedComparison]) -> str:
    """The figures in words, those on the same records together."""
    on: dict[str, list[str]] = {}
    for one in compared:
        on.setdefault(one.on, []).append(one.sentence)
    return "; ".join(f"on {where} ({', and '.join(said)})" for where, said in on.items())


def _find_champion_or_note(clinic: Clinic, tables: Tables, learnt: ModelFitResult) -> tuple[Champion | None, list[str]]:
    """What is live, or why it cannot be read: a broken bundle must not keep a clinic from training a new one."""
    try:
        return find_champion(clinic, tables, learnt.starting_model), []
    except DataFault as fault:
        first = fault.faults[0]
        return None, [f"What was live cannot be read ({first.table}: {first.says}), so nothing was held against it."]


def _list_outcome_objections(agrees: float | None, n: int) -> list[str]:
    """Why these outcomes are no ground for a promotion."""
    records = f"{n:,} record{'' if n == 1 else 's'}"
    if agrees is None:
        return [f"With {records} nothing can be held back and compared."]
    if agrees < SHUFFLE_SIGNIFICANCE_LEVEL:
        return []
    return [
        f"The outcomes of these {records} agree with nothing the intake says (p = {agrees:.2f}); real ones do, a "
        "little. Check that ids join the right rows; with few records, wait for more."
    ]


def _list_champion_objections(learnt: ModelFitResult, old: Champion) -> list[str]:
    """Why the live model's records or verdict stand in the way."""
    ours, theirs, live = learnt.model, old.model, format_bundle_name(old.name)
    if ours.n_outcomes < MIN_RECORD_SHARE * theirs.n_outcomes:
        return [f"It rests on {ours.n_outcomes:,} records, {live} on {theirs.n_outcomes:,}: are some missing?"]
    if theirs.verdict.kind == "adds" and ours.verdict.kind != "adds":
        return [
            f"{live[0].upper()}{live[1:]} adds to the choice between therapists, this one adds nothing measurable, "
            f"with {ours.n_outcomes:,} records beside {theirs.n_outcomes:,}."
        ]
    return []
