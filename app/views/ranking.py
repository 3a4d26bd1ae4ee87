"""Print a ranking: the shortlist with reasons, and how many therapists each rule excludes; on request also who."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from attune_fit.app.terminal.console import build_table, format_count, join_within, measure_width, print_text
from attune_fit.app.views.candidate_facts import format_fields, list_fact_lines
from attune_fit.app.views.dropout import format_dropout
from attune_fit.app.views.scale_scores import format_scales
from attune_fit.data.clinic.clinic_day import find_current_day
from attune_fit.data.command_words import format_option, format_word

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.instruments import Instrument
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.matching.ranking.ranking_result import Candidate, ComparedRecord, Ranking, WishResult
    from attune_fit.workspace import Workspace

N_EXPLAINED = 3  # candidates whose reasons are printed without --why
N_NAMED = 30  # therapists named for one rule; --json has all of them
BAR_WIDTH = 24  # characters of the bar that shows an interval
VERBS = {"must": "requires", "prefer": "prefers", "avoid": "avoids", "never": "rules out"}
ANSWERS = {"met": ("✓", "green"), "unmet": ("✗", "red"), "unknown": ("?", "yellow")}


def show_ranking(
    ranking: Ranking,
    instrument: Instrument,
    verdict: str,
    most: int | None = None,
    *,
    band: float,
    why: bool = False,
    facts: bool = False,
) -> None:
    """Print the shortlist, then why the others are not on it: counts on one line, or with ``why`` who they are.

    Parameters
    ----------
    ranking : Ranking
    instrument : Instrument
        The instrument of the scores; its range is the range of the bars.
    verdict : str
        The verdict without figures, :attr:`Verdict.plain_sentence`. With ``why``, the ranking's own is printed.
    most : int or None
        Candidates printed, >= 1; None takes the clinic's setting.
    band : float
        The setting ``band``: the probability between neighbouring bands.
    why : bool
        Print the reasons of every candidate, the figures of the verdict, the excluded therapists by rule, and the
        full legend.
    facts : bool
        Print below each reason the two fields that it compares, and below all of them what can be checked.
    """
    shown = ranking.candidates[: most or ranking.shortlist]
    roster = format_count(len(ranking.candidates) + len(ranking.excluded), "therapist")
    print_text(
        f"\n[bold]Client {escape(ranking.client_id)}[/bold] · {roster} on the roster: "
        f"{len(ranking.candidates)} available, {len(ranking.excluded)} ruled out"
    )
    print_text(Text(ranking.verdict if why else verdict, style="italic"))
    if not shown:
        print_text(Text("No therapist is available for this client.", style="yellow"))
        return _show_excluded(ranking) if why else _show_exclusion_counts(ranking)
    explained = shown if why else shown[:N_EXPLAINED]
    _show_candidates(shown, ranking, instrument)
    for candidate in explained:
        print_text(_format_reasons(candidate, facts=facts, has_outcomes=why or bool(ranking.order_weights)))
    _show_what_is_left_out(len(ranking.candidates), len(shown), len(explained))
    if why:
        _show_excluded(ranking)
    else:
        _show_exclusion_counts(ranking)
    if ranking.unchecked:
        print_text(Text(ranking.format_unchecked_rules(), style="yellow"))
    _show_legend(ranking, band, why=why)
    return None


def show_rankings(
    rankings: Ranking | Sequence[Ranking],
    workspace: Workspace,
    most: int | None = None,
    *,
    why: bool = False,
    facts: bool = False,
) -> None:
    """Print each ranking as :func:`show_ranking` does; without any, why no client waits."""
    several = rankings if isinstance(rankings, Sequence) else [rankings]
    if not several:
        return print_text(explain_empty_waiting_list(workspace.clinic, workspace.tables))
    verdict, band = workspace.model.verdict.plain_sentence, workspace.clinic.config.settings.band
    for ranking in several:
        instrument = workspace.clinic.instruments[ranking.instrument]
        show_ranking(ranking, instrument, verdict, most, band=band, why=why, facts=facts)
    if isinstance(rankings, Sequence):
        without = [ranking.client_id for ranking in rankings if not ranking.candidates]
        _show_clients_without_candidate(without, len(rankings), workspace)
    return None


def show_next_step(ranking: Ranking, folder: str) -> None:
    """Print the next command: the sum behind the first place; without a candidate, what would add one."""
    words = [format_word(folder), format_option("--client", ranking.client_id)]
    words += [format_option("--therapist", one.therapist_id) for one in ranking.candidates[:1]]
    command = f"attune {'explain' if ranking.candidates else 'relax'} {' '.join(words)}"
    print_text(f"Next: [bold]{escape(command)}[/bold]")


def _show_legend(ranking: Ranking, band: float, *, why: bool) -> None:
    """Print what the marks, the points and the bands mean; with ``why`` also the seed and the date."""
    whom = "the average of the available therapists" if len(ranking.candidates) > 1 else "a typical pair"
    more = f" (seed {ranking.seed}). Tables as of {ranking.as_of}." if why else "."
    print_text(
        f"[dim]Wishes: ✓ met, ✗ not met, ? unknown. In brackets: points above {whom}. The best of a band is better "
        f"than the best of the next with odds of at least {format_odds(band)}. Inside a band, more wishes met come "
        f"first, then the order is random{more}[/dim]"
    )
    if ranking.order_weights:
        print_text(Text(ranking.order_weights, style="yellow"))


def format_odds(probability: float) -> str:
    """Return a probability as odds of one hundred.

    >>> format_odds(0.55)
    '55:45'
    """
    percent = round(100 * probability, 2)
    return f"{percent:g}:{round(100 - percent, 2):g}"


def show_written_rankings(written: Mapping[str, Any], workspace: Workspace, *, why: bool) -> None:
    """Print the verdict, the size of the table that was written, and its path."""
    verdict = workspace.model.verdict
    print_text(Text(verdict.sentence if why else verdict.plain_sentence, style="italic"))
    clients, therapists = format_count(written["clients"], "client"), format_count(written["therapists"], "therapist")
    sign = "=" if written["clients"] * written["therapists"] == written["rows"] else "gives"
    size = f"{clients} × {therapists} {sign} {format_count(written['rows'], 'row')}"
    _show_clients_without_candidate(written["without_candidate"], written["clients"], workspace)
    print_text(Text.assemble(f"{size} in ", (written["out"], "bold")))


def _show_clients_without_candidate(client_ids: Sequence[str], n_clients: int, workspace: Workspace) -> None:
    """Print how many of the clients have no candidate, and the command that shows what would add one."""
    if not client_ids:
        return
    number = "None" if len(client_ids) == n_clients else f"{len(client_ids):,}"
    are = "has a candidate" if number == "None" else f"{'has' if len(client_ids) == 1 else 'have'} no candidate"
    command = f"attune relax {format_word(workspace.folder)} {format_option('--client', client_ids[0])}"
    count = f"{number} of {format_count(n_clients, 'client')} {are}."
    print_text(f"[yellow]{count}[/yellow] Next: [bold]{escape(command)}[/bold]")


def explain_empty_waiting_list(clinic: Clinic, tables: Tables) -> str:
    """Return why no client waits."""
    where, states = clinic.config.waiting.where, tables.pair_states
    offer = ", or has an offer" if states.offers else ""
    offer += ", or no longer seeks therapy" if states.withdrawn else ""
    also = f", or does not fulfil `waiting.where` (column `{where.column}`)" if where else ""
    return f"No client waits: every client in `clients` has met a therapist{offer}{also}."


def explain_waits(workspace: Workspace, now: dt.datetime | None = None) -> str:
    """Return to which day waits are counted, and where it is set; empty if it is the day of ``now`` in the clinic."""
    as_of, config = workspace.tables.as_of, workspace.clinic.config
    if as_of == find_current_day(config, now):
        return ""
    source = " (`as_of` in clinic.toml)" if config.clinic.as_of is not None else ""
    return f"Waits are counted to {as_of}{source}."


def _show_candidates(shown: Sequence[Candidate], ranking: Ranking, instrument: Instrument) -> None:
    low, high = instrument.low, instrument.high
    percent = f"{100 * ranking.interval:g}% interval"
    head = f"expected early alliance, {ranking.instrument} {low:g}-{high:g}"
    grid = build_table("", ">#", ">band", "therapist", head, percent)
    met, has_met = ranking.met_therapists, (" already met", "yellow")
    for candidate in shown:
        grid.add_row(
            str(candidate.position),
            str(candidate.band),
            Text.assemble((candidate.therapist_id, "bold"), has_met if candidate.therapist_id in met else ""),
            Text.assemble((f"{candidate.score:.2f}  ", "bold"), _draw_interval(candidate, low, high)),
            f"{candidate.low:.1f} to {candidate.high:.1f}",
        )
    print_text(grid)


def _show_what_is_left_out(n_candidates: int, n_shown: int, n_explained: int) -> None:
    """Print how many candidates are not printed, how many are printed without reasons, and the options for both."""
    more, unexplained = n_candidates - n_shown, n_shown - n_explained
    left_out = [f"{more} more available (--shortlist {n_candidates})"] if more else []
    left_out += [f"reasons of {unexplained} more: --why"] if unexplained else []
    if left_out:
        print_text(f"[dim]{'; '.join(left_out)}.[/dim]")


def _format_reasons(candidate: Candidate, *, facts: bool = False, has_outcomes: bool = False) -> Padding:
    """Return the wishes, the reasons and the caution of a candidate, with labels in the first column.

    Goal, task and bond and dropout follow where they are wanted and estimated.
    """
    lines = Table.grid(padding=(0, 2))
    lines.add_column(justify="right", style="dim")
    lines.add_column()
    lines.add_row(str(candidate.position), Text(candidate.therapist_id, style="bold"))
    if candidate.wishes:
        lines.add_row("wishes", Text(" · ").join(format_wish(wish) for wish in candidate.wishes))
    for number, reason in enumerate(candidate.reasons):
        points = (f" (+{reason.points:.2f})", "dim")
        lines.add_row("" if number else "because", Text.assemble(reason.says, points))
        _add_fields(lines, reason, facts=facts)
    if not candidate.reasons:
        lines.add_row("because", "no known difference from the others")
    if caution := candidate.caution:
        points = ("" if caution.points is None else f" ({caution.points:.2f})", "dim")
        lines.add_row(Text("but", style="yellow"), Text.assemble(caution.says, points))
        _add_fields(lines, caution, facts=facts)
    if has_outcomes and candidate.scales:
        lines.add_row("scales", format_scales(candidate.scales))
    if has_outcomes and candidate.dropout:
        lines.add_row("dropout", format_dropout(candidate.dropout))
    if candidate.openings:
        lines.add_row("slots", str(candidate.openings))
    if facts:
        for label, text in list_fact_lines(candidate.facts):
            lines.add_row(label, Text(text))
    return Padding(lines, (0, 0, 1, 0))


def _add_fields(lines: Table, record: ComparedRecord, *, facts: bool) -> None:
    """Add the fields that a reason or a caution compares, if they are wanted and there are any."""
    if facts and (text := format_fields(record)):
        lines.add_row("", Text(text, style="dim"))


def format_wish(wish: WishResult) -> Text:
    """Return a wish with a mark: ✓ met, ✗ not met, ? unknown."""
    mark, style = ANSWERS[wish.answer]
    return Text(f"{mark} {VERBS[wish.strength]} {wish.attribute.replace('_', ' ')}: {wish.value}", style=style)


def _show_exclusion_counts(ranking: Ranking) -> None:
    """Print how many therapists each rule excludes, on one line: the most frequent rules, as far as there is room."""
    if not ranking.excluded:
        return
    start, end = f"{len(ranking.excluded)} ruled out: ", " (--why shows who)"
    counts = [f"{number} {text}" for text, number in ranking.count_exclusions()]
    line = join_within(counts, measure_width() - len(start) - len(end))
    print_text(Text.assemble(start, line, (end, "dim")))


def _show_excluded(ranking: Ranking) -> None:
    """Print the excluded therapists, grouped by the rule that excludes them."""
    if not ranking.excluded:
        return
    title = f"Ruled out: {len(ranking.excluded)} (one therapist can be listed under several rules)"
    grid = build_table(title, ">", "rule", "why", "therapists")
    for group in ranking.group_exclusions():
        more = len(group.therapists) - N_NAMED
        names = ", ".join(group.therapists[:N_NAMED]) + (f" and {more:,} more (--json)" if more > 0 else "")
        grid.add_row(str(len(group.therapists)), group.rule, Text(group.says), Text(names))
    print_text(grid)
    used = [f"{one.therapist_id}: {one.openings}" for one in ranking.excluded if one.openings]
    if used:
        others = f"; and {len(used) - N_NAMED:,} more (--json)" if len(used) > N_NAMED else ""
        has_held = any(one.openings and one.openings.held for one in ranking.excluded)
        start = "Openings used or held" if has_held else "Clients started since the roster was checked"
        print_text(Text(f"{start}: {'; '.join(used[:N_NAMED])}{others}."))


def _draw_interval(candidate: Candidate, low: float, high: float) -> Text:
    """Return the interval as a line over the instrument's range, the estimate as a dot."""
    values = (candidate.low, candidate.score, candidate.high)
    places = [round((value - low) / (high - low) * (BAR_WIDTH - 1)) for value in values]
    start, dot, end = (min(max(place, 0), BAR_WIDTH - 1) for place in places)
    line = ["·"] * BAR_WIDTH
    line[start : end + 1] = ["─"] * (end + 1 - start)
    line[dot] = "●"
    return Text("".join(line), style="cyan")
