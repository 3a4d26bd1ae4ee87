"""Print the test of a hypothesis: the answer first, then the figures, the conditions and the warnings."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.text import Text

from attune_fit.app.terminal.console import build_table, format_count, print_text
from attune_fit.app.views.declared_analyses import show_specification_curve
from attune_fit.app.views.surface import show_surface
from attune_fit.training.hypotheses.conclusion import (
    CANNOT_TELL,
    NOT_SUPPORTED,
    SUPPORTED,
    format_effect,
    format_limits,
    format_p,
    format_range,
    is_claim_excluded,
)
from attune_fit.training.hypotheses.hypothesis_page import SURFACE_EFFECT_NOTE

if TYPE_CHECKING:
    from pathlib import Path

    from attune_fit.training.hypotheses.held_out_gain import HeldOutGain
    from attune_fit.training.hypotheses.hypothesis_result import HypothesisResult, ReportedEffect

COLOURS = {SUPPORTED: "green", NOT_SUPPORTED: "red", CANNOT_TELL: "yellow"}
CORRECTION_NAMES = {"holm": "Holm", "bh": "Benjamini-Hochberg"}
MOST_WHOLE = 3  # hypotheses with all their figures; of more, the answer of each
KINDS = {
    "trait": "a number of the therapist",
    "interaction": "a client's number times a therapist's number",
    "pair": "a comparison of the client with the therapist",
    "surface": "a response surface of two numbers",
}
OUTCOMES = {
    "total": "early alliance",
    "goal": "early alliance, goal scale",
    "task": "early alliance, task scale",
    "bond": "early alliance, bond scale",
    "dropout": "dropout",
    "change": "change of alliance from session 1 to 3",
}


def show_hypothesis_tests(results: Sequence[HypothesisResult], out: Path | None = None) -> None:
    """Print the test of each hypothesis; of several, a table of all conclusions first.

    Parameters
    ----------
    results : sequence of HypothesisResult
        Tested together: several are a family.
    out : Path, optional
        The report that was written.
    """
    if len(results) > 1:
        _show_family(results)
    show = _show_test if len(results) <= MOST_WHOLE else _show_answer
    for result in results:
        show(result)
        for warning in result.warnings:
            print_text(Text.assemble(("Caution: ", "yellow"), warning.text))
    if len(results) > MOST_WHOLE:
        print_text("\n[dim]All figures of each test: --out report.html, or --json.[/dim]")
    print_text("\n[bold]Figures from routine care, to compare with[/bold]")
    for figure in results[0].real_world:
        print_text(Text.assemble("• ", figure.text, (f" {figure.source}", "dim")))
    if out is not None:
        print_text(Text.assemble("\nReport written to ", (str(out), "bold"), "."))


def _show_family(results: Sequence[HypothesisResult]) -> None:
    """Print the conclusions of a family."""
    names = {CORRECTION_NAMES[one.family.correction] for one in results if one.family is not None}
    title = f"{len(results)} hypotheses, p values corrected by {', '.join(names)}"
    grid = build_table(title, "", "conclusion", ">effect", ">p", ">corrected p")
    for one in results:
        verdict = Text(one.verdict, style=COLOURS[one.verdict])
        adjusted = math.nan if one.family is None else one.family.adjusted_p
        grid.add_row(
            escape(one.name),
            verdict,
            format_effect(one.effect.estimate),
            *map(_format_p_cell, (one.effect.p, adjusted)),
        )
    print_text(grid)


def _show_test(result: HypothesisResult) -> None:
    """Print one test with all its figures."""
    _show_answer(result)
    _show_estimates(result)
    _show_checks(result)
    show_specification_curve(result.specification_curve)
    if result.surface is not None:
        show_surface(result.surface)
    print_text("\n[bold]Conditions of the conclusion[/bold]")
    for reason in result.reasons:
        print_text(Text(f"• {reason}"))


def _show_answer(result: HypothesisResult) -> None:
    """Print the claim, the answer and the records of one test."""
    print_text(f"\n[bold]{escape(result.name)}[/bold] · {OUTCOMES[result.outcome]} · {KINDS[result.kind]}")
    print_text(Text(f"“{result.claim}”" + (f" ({result.source})" if result.source else ""), style="italic"))
    start, _, end = result.sentence.partition(": ")
    print_text(Text.assemble((f"{start}: ", f"bold {COLOURS[result.verdict]}"), (end, "bold")))
    _show_facts(result)


def _show_facts(result: HypothesisResult) -> None:
    """Print the records and the registration."""
    records = result.records
    counts = (format_count(records.clients, "client"), format_count(records.therapists, "therapist"))
    dropped = [f"{number:,} ({reason})" for reason, number in records.dropped.items() if number]
    print_text(Text(f"{format_count(records.used, 'record')} of {' and '.join(counts)}." + (
        f" Left out: {', '.join(dropped)}." if dropped else ""
    )))  # fmt: skip
    print_text(Text(f"Adjusted for: {'; '.join(result.adjusted_for) or 'nothing'}."))
    if result.registration is not None:
        print_text(Text(result.registration.sentence, style="" if result.registration.is_registered else "yellow"))


def _show_estimates(result: HypothesisResult) -> None:
    """Print the default test, and the tests to compare it with."""
    sd = f"One SD of the outcome is {result.outcome_sd:.3g} {result.outcome_unit}. p is two-sided."
    print_text(f"\n[bold]Effect for one SD of the term.[/bold] [dim]{sd}[/dim]")
    grid = build_table("", "", ">SD", f">{100 * (1 - result.alpha):g}% interval", ">points", ">df", ">p")
    grid.add_row(*_format_estimate(result.effect, f"{result.effect.method} (default)"))
    for one in result.other_tests:
        grid.add_row(*_format_estimate(one, one.method))
    print_text(grid)
    if result.kind == "surface":
        print_text(Text(SURFACE_EFFECT_NOTE, style="dim"))


def _format_estimate(effect: ReportedEffect, name: str) -> Iterator[str]:
    yield name
    if not math.isfinite(effect.estimate):
        yield from ("not computed", "", "", "", "")
        return
    yield format_effect(effect.estimate)
    yield format_range(effect.low, effect.high)
    yield f"{effect.points:+.2f}"
    yield f"{effect.df:.1f}"
    yield _format_p_cell(effect.p)


def _show_checks(result: HypothesisResult) -> None:
    """Print permutation, held-out gain, equivalence and Bayes factor."""
    grid = build_table("", "check", "result")
    permutation = result.permutation
    grid.add_row("permutation", f"p {format_p(permutation.p)}, {permutation.draws:,} draws; {permutation.unit}")
    grid.add_row("held-out gain", _describe_gain(result.held_out_gain))
    grid.add_row("equivalence", _describe_equivalence(result))
    grid.add_row("Bayes factor", result.bayes_factor.sentence.removeprefix("Bayes factor "))
    print_text(grid)


def _describe_equivalence(result: HypothesisResult) -> str:
    """Return whether the interval excludes effects of interest in the claimed direction."""
    region = result.equivalence
    sides = {"+": f"above {region.smallest_effect:g}", "-": f"below {-region.smallest_effect:g}"}
    beyond = sides.get(result.direction, f"beyond {-region.smallest_effect:g} or {region.smallest_effect:+g}")
    verb = "excludes all" if is_claim_excluded(region, result.direction) else "does not exclude"
    return f"{100 * (1 - 2 * result.alpha):g}% interval {format_limits(region)} SD {verb} effects {beyond}"


def _describe_gain(gain: HeldOutGain | None) -> str:
    if gain is None:
        return "not measured: too few therapists or clients for folds"
    control = f"without an effect, 95% of draws are below {gain.control_r2_high:+.3f}; p {format_p(gain.p)}"
    correlation = f"r {gain.r:+.2f}, interval {format_range(gain.low, gain.high)}"
    return f"R² {gain.r2:+.3f} ({control}); {correlation}; {gain.folds}"


def _format_p_cell(p: float) -> str:
    return format_p(p).removeprefix("= ")
