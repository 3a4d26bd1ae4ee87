"""Print a planned trial, the list of an allocated client, how far a trial is, and an analysis."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.text import Text

from attune_fit.app.terminal.console import build_table, format_count, print_text
from attune_fit.data.command_words import format_option, format_word

if TYPE_CHECKING:
    from attune_fit.matching.ranking.ranking_result import WishResult
    from attune_fit.training.trials.sealed_trial import Look
    from attune_fit.training.trials.trial_progress import TrialStatus
    from attune_fit.trial_lists import AllocatedList
    from attune_fit.trial_results import PlannedTrial, TrialAnalysis

SOURCES = {  # of the outcomes in a simulation
    "records": "Outcomes were drawn from this clinic's records (SD {}).",
    "normal": "Outcomes were drawn from a normal distribution: this clinic has too few records.",
    "published": "Dropout was drawn at the published mean rate of 19.7%: this clinic has too few records.",
}


def show_plan(planned: PlannedTrial, clinic: Path, written_to: Path | None = None) -> None:
    """Print the power of a plan, its looks, and what to do next."""
    from attune_fit.trial_results import build_looks_frame

    plan, power = planned.plan, planned.power
    print_text(
        f"[bold]Power {power.power:.0%}[/bold] (Monte Carlo error {power.error:.1%}) for a difference of "
        f"{power.effect:g} SD at {format_count(plan.n_outcomes, 'outcome')}."
    )
    print_text(
        f"Without a difference, {power.null_rate:.1%} of {power.n_runs:,} simulated trials reject "
        f"(error {power.null_error:.1%}; planned: {plan.alpha:.1%})."
    )
    grid = build_table("Looks", ">outcomes", ">boundary of |z|", ">trials that stop here")
    for row in build_looks_frame(plan, power).itertuples():
        grid.add_row(f"{row.outcomes:,}", f"{row.boundary:.2f}", f"{row.stops:.0%}")
    print_text(grid)
    print_text(f"Outcomes at the stop, mean: {power.mean_outcomes:,.0f}. {_format_source(planned)}")
    for sentence in planned.advice:
        print_text(Text(sentence, style="yellow"))
    if written_to is not None:
        print_text(f"Analysis plan written to [bold]{escape(str(written_to))}[/bold].")
    if not planned.is_sealed:
        return print_text("Nothing is sealed. Run the command without --preview to seal the plan.")
    folder, name = format_word(clinic), format_word(plan.name)
    print_text(f"Sealed on {planned.planned_on}, digest {plan.digest[:12]}. The plan cannot be changed now.")
    return print_text(Text(f"Next: attune trial allocate {folder} {name} --client ID", style="dim"))


def show_allocated_list(found: AllocatedList, clinic: Path) -> None:
    """Print the therapists in the order of the arm, without arm and score."""
    client_id, name = found.allocation.client_id, found.trial.plan.name
    state = "Allocated and sealed" if found.is_new else f"Allocated before ({found.allocation.when[:10]})"
    print_text(Text(f"{state}: client {client_id}, trial {name}.", style="bold"))
    from attune_fit.trial_lists import format_caution

    grid = build_table("Offer in this order", ">place", "therapist", "wishes met", "check first")
    for one in found.shown:
        cells = (str(one.position), Text(one.therapist_id), _format_wishes(one.wishes), Text(format_caution(one)))
        grid.add_row(*cells)
    print_text(grid)
    print_text("[dim]The list shows neither the arm nor the scores. All therapists on it pass the rules.[/dim]")
    first = found.ranking.arrays.therapist_ids[0]
    words = f"attune record {format_word(clinic)} offered {format_option('--client', client_id)}"
    return print_text(Text(f"Next: {words} {format_option('--therapist', first)} --rank 1", style="dim"))


def show_status(status: TrialStatus, clinic: Path) -> None:
    """Print how far a trial is, and its looks."""
    print_text(Text(f"{status.name}: {status.state}. Planned on {status.planned_on}.", style="bold"))
    print_text(Text(status.claim))
    arms = ", ".join(f"{name} {number:,}" for name, number in status.allocated_by_arm.items())
    grid = build_table("", "clients", ">number")
    grid.add_row(f"allocated ({escape(arms)})" if arms else "allocated", f"{status.n_allocated:,}")
    grid.add_row("with an offer since then", f"{status.n_offered:,}")
    grid.add_row("first offer was the first place", f"{status.n_first_place:,}")
    grid.add_row("with a therapist", f"{status.n_started:,}")
    grid.add_row("with an outcome", f"{status.n_outcomes:,}")
    print_text(grid)
    if status.looks:
        _show_looks(status.looks)
    if status.n_unplanned_looks:
        print_text(f"[yellow]{format_count(status.n_unplanned_looks, 'look')} not planned.[/yellow]")
    words = f"attune trial analyse {format_word(clinic)} {format_word(status.name)}"
    if status.state == "look due":
        return print_text(Text(f"The look at {status.next_look_at:,} outcomes is due. Next: {words}", style="dim"))
    if status.state == "running":
        return print_text(f"The next look is at {status.next_look_at:,} outcomes.")
    return print_text(Text(f"Result: {words}", style="dim"))


def show_analysis(analysis: TrialAnalysis, clinic: Path) -> None:
    """Print the conclusion of a look, then its figures."""
    look, trial = analysis.look, analysis.trial
    print_text(Text(analysis.conclusion, style="bold"))
    if not analysis.is_new:
        print_text(f"The trial has ended. This is its last look, sealed on {look.when[:10]}.")
    _show_looks(trial.looks)
    if look.ends_trial or not look.look:
        print_text(
            f"Difference {look.estimate:+.2f} {analysis.unit} ({look.estimate_sd:+.2f} SD), t({look.df:.0f}) = "
            f"{look.t:.2f}. Interval: valid at all planned looks together."
        )
        print_text(f"Re-randomisation test at this look alone: p = {look.permutation_p:.3f}.")
    _show_arms(analysis)
    if analysis.n_unplanned_looks:
        print_text(
            f"[yellow]{format_count(analysis.n_unplanned_looks, 'look')} not planned: report this with the "
            "result.[/yellow]"
        )
    if look.why:
        print_text(Text(f"Reason given: {look.why}"))
    return print_text(
        Text(f"Next: attune trial status {format_word(clinic)} {format_word(trial.plan.name)}", style="dim")
    )


def _show_looks(looks: Sequence[Look]) -> None:
    grid = build_table("Looks", "look", ">outcomes", ">|z|", ">boundary", "decision")
    for one in looks:
        name = str(one.look) if one.look else "not planned"
        grid.add_row(name, f"{one.n:,}", f"{abs(one.z):.2f}", f"{one.boundary:.2f}", one.decision)
    print_text(grid)


def _show_arms(analysis: TrialAnalysis) -> None:
    """Print the clients of each arm: with an outcome, without, and how many started with the first place."""
    look, trial = analysis.look, analysis.trial
    grid = build_table("Arms", "arm", ">outcomes", ">without an outcome", ">started with the first place")
    for arm, number in zip(trial.plan.arms, (look.n_first, look.n_second), strict=True):
        share = analysis.adherence[arm.name]
        cells = (f"{number:,}", f"{analysis.n_without_outcome[arm.name]:,}", "" if share is None else f"{share:.0%}")
        grid.add_row(Text(arm.name), *cells)
    print_text(grid)


def _format_wishes(wishes: Sequence[WishResult]) -> str:
    met = sum((wish.answer == "met") for wish in wishes)
    return f"{met} of {len(wishes)}" if wishes else ""


def _format_source(planned: PlannedTrial) -> str:
    """Return where the outcomes of the simulation come from, and what the model expects."""
    power, expected = planned.power, planned.expected
    unit = "" if planned.plan.outcome == "dropout" else " POMP"
    source = SOURCES[power.drawn_from].format(f"{power.sd:.2f}{unit}")
    if expected is None:
        return source
    return (
        f"{source} On the lists of {expected.n_clients} of {format_count(expected.n_waiting, 'waiting client')}, the "
        f"model expects a difference of {expected.points:.2f} points between the first places."
    )
