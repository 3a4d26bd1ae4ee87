"""A power plan in sentences: whether such a study could give an answer, and what it would need."""

from __future__ import annotations

from collections.abc import Iterator

from attune_fit.training.planning.planned_study import PlannedStudy
from attune_fit.training.planning.power_plan import PowerPlan, StudySize
from attune_fit.training.planning.simulated_power import PowerCell
from attune_fit.training.planning.therapist_search import MAX_THERAPISTS, TherapistNeed

KIND_NAMES = {
    "interaction": "interaction of a client's number and a therapist's number",
    "trait": "trait of therapists",
    "pair": "pair feature",
}
TEST_NAMES = {
    "interaction": "slope of each therapist, then the trait on the slopes; t with therapists - 2 degrees of freedom",
    "trait": "mean of each therapist, then the trait on the means; t with therapists - 2 degrees of freedom",
    "pair": "within therapists; CR2 variance and t with Bell and McCaffrey's degrees of freedom",
}
NEARLY_ALWAYS = 0.95  # with such power, significant estimates are hardly too large


def format_percent(share: float) -> str:
    """Return a share as a whole percentage; one that only rounds to 0 or 100 is "under 1%" or "over 99%".

    >>> format_percent(0.154), format_percent(0.001), format_percent(0.9996), format_percent(1.0)
    ('15%', 'under 1%', 'over 99%', '100%')
    """
    rounded = round(share * 100)
    if rounded == 0 and share > 0:
        return "under 1%"
    return "over 99%" if rounded == 100 and share < 1 else f"{rounded}%"


def format_effect(effect: float) -> str:
    """Return an effect with as many decimals as it needs, at least two.

    >>> format_effect(0.1), format_effect(-0.125)
    ('0.10', '-0.125')
    """
    return f"{effect:.2f}" if abs(effect * 100 - round(effect * 100)) < 1e-9 else f"{effect:g}"


def choose_main_size(plan: PowerPlan) -> StudySize:
    """Return the size that the first sentence is about: the clinic's own, or the first one."""
    sizes = plan.list_sizes()
    return plan.own_size if plan.own_size in sizes and plan.own_size is not None else sizes[0]


def describe_answer(plan: PowerPlan) -> str:
    """Return whether a study of the main size could answer, for the first effect, in one or two sentences."""
    cell = plan.get_cell(choose_main_size(plan), plan.list_effects()[0])
    return f"{_describe_size(cell)} {_judge(cell, plan.target)}"


def _describe_size(cell: PowerCell) -> str:
    study, share = cell.study, format_percent(cell.power)
    size = f"With {study.therapists:,} therapists and {study.outcomes:,} outcomes"
    if cell.failed == cell.runs:
        return f"{size}, the test has no result in any simulated study."
    if not study.effect:
        return f"{size} and no effect, the test raises a false alarm in {share} of studies."
    return f"{size}, the test finds an effect of {format_effect(study.effect)} in {share} of studies."


def _judge(cell: PowerCell, target: float) -> str:
    """Return what the power of a cell means for an answer."""
    if cell.failed == cell.runs:
        return "This is no power of 0: such a study cannot be tested."
    if not cell.study.effect:
        return f"The level of the test is {format_percent(cell.study.alpha)}."
    low, high = cell.interval
    if low <= target <= high:
        return f"That is about the {format_percent(target)} that count as enough."
    if cell.power > target:
        return "Such a study can give an answer."
    return f"That is too little for an answer: {format_percent(target)} count as enough."


def list_sentences(plan: PowerPlan) -> Iterator[str]:
    """Yield what a reader has to know after the answer: needs, limits, errors of significant results, failures."""
    for need in plan.needs:
        yield describe_need(need)
    yield from _describe_ceiling(plan)
    yield from _describe_exaggeration(plan)
    yield describe_failures(plan)


def describe_need(need: TherapistNeed) -> str:
    """Return how many therapists an effect needs, in one sentence."""
    each, effect, target = (
        f"{need.caseload:,.0f} outcomes each",
        format_effect(need.effect),
        format_percent(need.target),
    )
    if need.therapists is None:
        found = format_percent(need.cell.power)
        return (
            f"An effect of {effect} needs more than {MAX_THERAPISTS:,} therapists with {each} for {target}: "
            f"{need.cell.study.therapists:,} find it in {found} of studies."
        )
    return f"An effect of {effect} needs about {need.therapists:,} therapists with {each} for {target}."


def _describe_ceiling(plan: PowerPlan) -> Iterator[str]:
    """Yield that more clients of the same therapists cannot help, where this is so for the main size."""
    size = choose_main_size(plan)
    limits = [
        f"{format_percent(ceiling)} for an effect of {format_effect(cell.study.effect)}"
        for cell, ceiling in zip(plan.cells, plan.ceilings, strict=True)
        if StudySize(cell.study.therapists, cell.study.outcomes) == size
        and cell.study.effect
        and ceiling is not None
        and ceiling < plan.target
    ]
    if limits:
        yield (
            f"With {size.therapists:,} therapists, more clients alone do not help enough. "
            f"The limit is {', and '.join(limits)}."
        )


def _describe_exaggeration(plan: PowerPlan) -> Iterator[str]:
    """Yield how far a significant result of the main size is off, for the first effect."""
    cell = plan.get_cell(choose_main_size(plan), plan.list_effects()[0])
    if cell.exaggeration is None or cell.sign_error is None or cell.power >= NEARLY_ALWAYS:
        return
    yield (
        f"If such a study is significant nevertheless, its estimate is on average {cell.exaggeration:.1f} times the "
        f"true effect, and has the wrong sign in {format_percent(cell.sign_error)} of cases."
    )


def describe_failures(plan: PowerPlan) -> str:
    """Return how many simulated tests had no result, and why."""
    from attune_fit.training.multilevel.effect_test import PROBLEMS

    if not plan.failed:
        return f"All {plan.runs:,} simulated tests had a result."
    reasons = {name: sum(cell.failures.get(name, 0) for cell in plan.cells) for name in PROBLEMS}
    listed = "; ".join(f"{number:,}: {PROBLEMS[name]}" for name, number in reasons.items() if number)
    return f"{plan.failed:,} of {plan.runs:,} simulated tests had no result, and count as not found ({listed})."


def list_assumptions(study: PlannedStudy) -> Iterator[tuple[str, str]]:
    """Yield what the simulation assumes, as names with values."""
    yield "term", KIND_NAMES[study.kind]
    yield "test", TEST_NAMES[study.kind]
    yield "level", f"{format_percent(study.alpha)}, two-sided"
    yield "effect", "SD of the outcome for one SD of the term"
    yield "therapists", f"{format_percent(study.therapist_share)} of the outcome's variance"
    if study.kind == "interaction":
        yield "slopes", f"differ between therapists with SD {study.slope_sd:g} for other reasons than the trait"
    if study.kind == "pair":
        yield "effects", f"differ between therapists with SD {study.slope_sd:g}"
    if study.rate is not None:
        yield "outcome", f"yes or no, with a rate of {format_percent(study.rate)}"
    yield "records", "one outcome of each client; covariates remove what they explain"
