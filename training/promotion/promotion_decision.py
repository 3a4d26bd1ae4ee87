"""Decide whether a new model is promoted in place of the live one, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from attune_fit.data.faults import DataFault
from attune_fit.models.active_pointer import STARTING_MODEL_NAME
from attune_fit.models.pair_effect_verdict import format_correlation
from attune_fit.training.evaluation.paired_comparison import PairedComparison
from attune_fit.training.evaluation.shuffled_outcomes_test import compute_shuffle_p_value
from attune_fit.training.fitting.fit_model import ModelFitResult
from attune_fit.training.promotion.champion_challenger import Champion, compare_with_champion, find_champion

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables

# P value of the test with shuffled outcomes that a promotion must stay below.
SHUFFLE_SIGNIFICANCE_LEVEL = 0.05
MIN_RECORD_SHARE = 0.9  # of the live model's records; a model from fewer records can only be promoted by hand


@dataclass(frozen=True)
class PromotionDecision:
    """The decision on a new model.

    Attributes
    ----------
    what : {"promoted", "refused", "kept"}
        ``kept``: there was nothing to decide, and the live model stays live.
    because : str
        The reasons, in plain sentences; every reason of a refusal.
    replaced : str
        The bundle that was live before the decision; empty if it could not be read.
    agreement : float or None
        P value of the outcomes, see :func:`compute_shuffle_p_value`; None if not measured.
    compared : tuple of PairedComparison
        The new model compared with the live one.
    """

    what: Literal["promoted", "refused", "kept"]
    because: str
    replaced: str
    agreement: float | None = None
    compared: tuple[PairedComparison, ...] = ()


def decide_promotion(
    challenger: ModelFitResult,
    name: str,
    clinic: Clinic,
    tables: Tables,
    seed: int = 0,
    report_progress: Callable[[str], None] = lambda _: None,
) -> PromotionDecision:
    """Return the promotion decision: a new model is promoted if it passes every check against the live one.

    The checks are the test with shuffled outcomes, the number of records, the verdict, and the paired comparison
    (non-inferiority).

    Parameters
    ----------
    challenger : ModelFitResult
        The new model.
    name : str
        Name of its bundle.
    clinic, tables, seed, report_progress
        As in :func:`train`.
    """
    champion, notes = _find_champion_or_note(clinic, tables, challenger)
    live = format_bundle_name(champion.name) if champion else "the live model"
    stays_live = f"{_capitalize(live)} stays live."
    replaced = champion.name if champion else ""
    if not len(challenger.records):
        return PromotionDecision("kept", f"There are no early alliance records to learn from. {stays_live}", replaced)
    if champion is not None and champion.name == name:
        return PromotionDecision("kept", "The new model is identical to the live bundle.", replaced)

    report_progress(f"Comparing the new model with {live}.")
    p = compute_shuffle_p_value(challenger.records, challenger.starting_model, challenger.folds, seed)
    compared: list[PairedComparison] = []
    if champion is not None and challenger.folds:
        compared, comparison_notes = compare_with_champion(challenger, champion, clinic, tables, seed)
        notes += comparison_notes
    worse = [comparison for comparison in compared if comparison.is_worse]
    objections = [
        *_list_outcome_objections(p, len(challenger.records)),
        *(_list_champion_objections(challenger, champion) if champion else []),
        *_format_comparisons(worse, live),
    ]
    if objections:
        because = " ".join([*objections, *([] if champion else notes), stays_live])
        return PromotionDecision("refused", because, replaced, p, tuple(compared))
    because = " ".join([*_list_kept_weights(challenger), *_format_comparisons(compared, live), *notes])
    return PromotionDecision("promoted", because, replaced, p, tuple(compared))


def format_bundle_name(name: str) -> str:
    """Return the name of a bundle as a sentence uses it.

    >>> format_bundle_name("day0"), format_bundle_name("2411e6276e74")
    ('the starting model', 'bundle 2411e6276e74')
    """
    return "the starting model" if name == STARTING_MODEL_NAME else f"bundle {name}"


def _capitalize(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"


def _format_comparisons(compared: Sequence[PairedComparison], live: str) -> Iterator[str]:
    """Return one sentence for each set of records: the result first, then the figures."""
    by_records: dict[str, list[PairedComparison]] = {}
    for comparison in compared:
        by_records.setdefault(comparison.on, []).append(comparison)
    for records, comparisons in by_records.items():
        if any(comparison.is_worse for comparison in comparisons):
            result = f"measurably worse than {live}"
        elif any(comparison.is_within_margin for comparison in comparisons):
            result = f"as good as {live}, within the stated tolerance"
        else:
            result = f"not measurably worse than {live}"
        figures = "; ".join(comparison.sentence for comparison in comparisons)
        yield f"On {records}: {result} ({figures})."


def _list_kept_weights(challenger: ModelFitResult) -> Iterator[str]:
    """Return why the new model keeps the starting weights; nothing where it has learned ones."""
    verdict = challenger.model.verdict
    if verdict.learned is not None and verdict.keeps_starting_weights:
        gain, low, high = verdict.learned
        yield (
            "The new model keeps the pair weights of the starting model; only levels and therapist effects come from "
            "these records. Learned weights were measurably worse at choosing between therapists (r lower by "
            f"{format_correlation(-gain)}, 95% interval {format_correlation(-high)} to {format_correlation(-low)})."
        )


def _find_champion_or_note(
    clinic: Clinic, tables: Tables, challenger: ModelFitResult
) -> tuple[Champion | None, list[str]]:
    """Return the live model, or a note why it cannot be read: a broken bundle must not block the next training."""
    try:
        return find_champion(clinic, tables, challenger.starting_model), []
    except DataFault as fault:
        first = fault.faults[0]
        note = (
            f"The live model cannot be read ({first.table}: {first.says}), so the new model was not compared with it."
        )
        return None, [note]


def _list_outcome_objections(p: float | None, n: int) -> list[str]:
    """Return why these outcomes do not allow a promotion."""
    records = f"{n:,} record{'' if n == 1 else 's'}"
    if p is None:
        return [f"The new model cannot be tested on {records}."]
    if p < SHUFFLE_SIGNIFICANCE_LEVEL:
        return []
    return [
        f"The outcomes of these {records} show no relation to the intake answers (p = {p:.2f}). Real outcomes do, a "
        "little. Check that the ids join the right rows. With few records, wait until there are more."
    ]


def _list_champion_objections(challenger: ModelFitResult, champion: Champion) -> list[str]:
    """Return why the live model's records or verdict do not allow a promotion."""
    new, old, live = challenger.model, champion.model, format_bundle_name(champion.name)
    records = f"is based on {new.n_outcomes:,} records, {live} on {old.n_outcomes:,}."
    if new.n_outcomes < MIN_RECORD_SHARE * old.n_outcomes:
        return [f"The new model {records} Check whether records are missing."]
    if old.verdict.kind == "adds" and new.verdict.kind != "adds":
        return [
            f"{_capitalize(live)} measurably helps to choose between therapists; the new model does not. It {records}"
        ]
    return []
