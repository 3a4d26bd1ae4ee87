"""The command that holds lists and outcomes against each other between groups: a summary, and a page with pictures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.text import Text

from attune_fit.app.terminal.console import counted, out, print_json, said, table, working

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.matching.fairness.audit import FairnessAudit
    from attune_fit.matching.fairness.group_metrics import HeldOutResiduals

ENDINGS = (".html", ".json")
SHOWN = 12  # differences listed in the terminal; the page has all


def fairness(folder: Path, target: Path | None, *, everyone: bool, as_json: bool) -> None:
    """Compare groups; print a summary or everything as JSON, and write the page where asked."""
    from attune_fit.app.ranking import opened
    from attune_fit.data.writing.atomic_write import write_atomically
    from attune_fit.matching.fairness.audit import audit
    from attune_fit.matching.ranking.scored_roster import RosterScorer
    from attune_fit.workspace import check_output_path

    with working("reading the tables") as say:
        clinic, tables, model = opened(folder)
        if target is not None:
            _writable(target)
            check_output_path(clinic, target)
        say("asking the live model about records held back")
        held_back = _held_back(clinic, tables)
        found = audit(RosterScorer.from_clinic(model, clinic, tables), everyone=everyone, held_back=held_back, say=say)
        if target is not None:
            say("drawing")
            write_atomically(target, _written(found, target))
    if as_json:
        return print_json(found.to_dict())
    _show(found)
    if target is not None:
        return said(f"Written to [bold]{escape(str(target))}[/bold].")
    return said(f"Every group, with pictures: attune fairness {escape(str(folder))} --out FILE.html")


def _writable(target: Path) -> None:
    """Refuse a file of another kind before anything is computed."""
    from attune_fit.data.faults import DataFault

    if target.suffix.lower() not in ENDINGS:
        fix = f"End it in {' or '.join(ENDINGS)}."
        raise DataFault.error(target.name, "", "is no kind of file this report is written to", fix=fix)


def _written(found: FairnessAudit, target: Path) -> str:
    from attune_fit.app.views.fairness_page import page

    as_json = target.suffix.lower() == ".json"
    return json.dumps(found.to_dict(), indent=1, allow_nan=False) + "\n" if as_json else page(found)


def _held_back(clinic: Clinic, tables: Tables) -> HeldOutResiduals | None:
    """What the live model errs by in records it was not made from."""
    from attune_fit.matching.fairness.group_metrics import HeldOutResiduals
    from attune_fit.training.promotion.active_model_errors import crossfit_active_model

    found = crossfit_active_model(clinic, tables, clinic.config.settings.seed)
    if found is None:
        return None
    records, told = found
    return HeldOutResiduals(records.client, records.therapist, told.y - told.score)


def _show(found: FairnessAudit) -> None:
    """Print what every figure is of everybody, what stands out, and how exposure is spread."""
    from attune_fit.app.views.fairness_text import amount, chance, left_out, newcomers, spread
    from attune_fit.matching.fairness.group_metrics import GROUP_METRICS

    name = f"{escape(found.clinic)}: " if found.clinic else ""
    pairs, roster = counted(found.rated, "rated pair"), counted(found.therapists, "therapist")
    said(f"\n[bold]{name}lists of {found.clients:,} {found.whose}[/bold] · {pairs} · {roster}")
    out().print(Text(found.verdict, style="italic"))
    shown = table("", "of everybody", ">", "95% interval", ">people", ">groups told")
    for figure in GROUP_METRICS:
        whole, *groups = found.compared.list_cells(figure.name)
        people = "" if whole.people is None else f"{whole.people:,}"
        told = sum(one.here is not None for one in groups)
        shown.add_row(figure.title, *amount(figure, whole), people, f"{told} of {len(groups)}")
    out().print(shown)
    said(chance(found))
    _show_differences(found)
    for line in (spread(found), newcomers(found), f"[dim]{left_out(found)}[/dim]"):
        said(line)


def _show_differences(found: FairnessAudit) -> None:
    """The differences that stand out; where none does, those beyond their own interval."""
    from attune_fit.app.views.fairness_text import amount, apart
    from attune_fit.matching.fairness.group_metrics import GROUP_METRICS

    beyond = [one for one in found.compared.cells if one.is_significant_unadjusted and not one.again]
    listed = [one for one in beyond if one.stands_out] or beyond
    if not listed:
        return
    rows = {row.name: row for row in GROUP_METRICS}
    title = "They stand out" if listed[0].stands_out else "Beyond their own interval, as chance brings about some"
    shown = table(title, "figure", "group", ">", "less all others", ">people")
    for one in sorted(listed, key=lambda one: one.adjusted or 0)[:SHOWN]:
        row = rows[one.figure]
        value, _ = amount(row, one)
        shown.add_row(row.title, Text(f"{one.column}: {one.group}"), value, apart(row, one), f"{one.people:,}")
    out().print(shown)
    if len(listed) > SHOWN:
        said(f"[dim]{len(listed) - SHOWN} more (--out, --json).[/dim]")
