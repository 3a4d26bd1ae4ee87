"""The commands about models: which there are, which is live and why, promote, rollback, card."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.text import Text

from attune_fit.app.terminal.console import aside, out, print_json, said, table

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.training.promotion.ledger import Ledger, LedgerEntry


def listed(folder: Path, *, as_json: bool) -> None:
    """Print every bundle and what the ledger says of it, the live one marked."""
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.models.active_model import STARTING_MODEL_NAME, list_bundle_names, read_active_name
    from attune_fit.training.promotion.ledger import LEDGER_FILE, read_ledger

    clinic = Clinic.open(folder)
    ledger, live = read_ledger(clinic.artifacts / LEDGER_FILE), read_active_name(clinic)
    faults = [*ledger.faults, *_apart(ledger, live)]
    if as_json:
        names = [STARTING_MODEL_NAME, *list_bundle_names(clinic)]
        lines = [asdict(one) for one in ledger.entries]
        return print_json({"live": live, "bundles": names, "ledger": lines, "faults": faults})
    bundles = table("", "", "bundle", ">records", "verdict")
    for name in [STARTING_MODEL_NAME, *sorted(list_bundle_names(clinic), key=lambda name: _order(ledger, name))]:
        last = next((one for one in reversed(ledger.entries) if one.bundle == name), None)
        bundles.add_row(*map(Text, ("●" if name == live else "", name, *_row(name, last))))
    out().print(bundles)
    if ledger.entries:
        decisions = table("Decisions, the last one first", "when, UTC", "what", "bundle", "in place of", "why")
        for one in reversed(ledger.entries):
            decisions.add_row(*map(Text, (one.when[:16].replace("T", " "), one.what, one.bundle, _over(one), one.why)))
        out().print(decisions)
    said(f"● is live. The ledger: {escape(str(clinic.artifacts / LEDGER_FILE))}")
    for fault in faults:
        aside(f"[yellow]The ledger is not whole:[/yellow] {escape(fault)}.")
    return None


def promoted(folder: Path, name: str, because: str, by: str, *, as_json: bool) -> None:
    """Make a bundle live by hand, and say what that overrides."""
    from attune_fit.training.promotion.activate import promote_bundle
    from attune_fit.training.promotion.decision import format_bundle_name
    from attune_fit.workspace import read_clinic

    overrides = promote_bundle(*read_clinic(folder), name, because, by)
    if as_json:
        return print_json({"live": name, "because": because, "overrides": overrides})
    return said(f"[bold]{format_bundle_name(name).capitalize()} is live.[/bold] Of it: {escape(overrides)}")


def rolled_back(folder: Path, because: str, by: str, *, as_json: bool) -> None:
    """Make the bundle live that was live before."""
    from attune_fit.training.promotion.activate import roll_back
    from attune_fit.training.promotion.decision import format_bundle_name
    from attune_fit.workspace import read_clinic

    now, before = roll_back(*read_clinic(folder), because, by)
    if as_json:
        return print_json({"live": now, "replaced": before})
    was = f", in place of {format_bundle_name(before)}" if before else ""
    return said(f"[bold]{format_bundle_name(now).capitalize()} is live again[/bold]{was}.")


def carded(folder: Path, name: str | None, target: Path | None, *, as_json: bool) -> None:
    """Print a bundle's card, or write it to a file: JSON where asked for or the file is called so, else Markdown."""
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.writing.atomic_write import write_atomically
    from attune_fit.models.active_model import read_active_name
    from attune_fit.training.reporting.model_card_page import format_model_card
    from attune_fit.workspace import check_output_path

    clinic = Clinic.open(folder)
    facts = _facts(clinic, read_active_name(clinic) if name is None else name)
    as_json = as_json or (target is not None and target.suffix == ".json")
    if target is not None:
        check_output_path(clinic, target)
        write_atomically(target, json.dumps(facts, indent=1) + "\n" if as_json else format_model_card(facts))
        return said(f"Written to [bold]{escape(str(target))}[/bold].")
    if as_json:
        return print_json(facts)
    from rich.markdown import Markdown

    return out().print(Markdown(format_model_card(facts)))


def _facts(clinic: Clinic, name: str) -> dict[str, Any]:
    """The facts of a bundle's card, with what the ledger says of it."""
    from attune_fit.data.fault_collector import suggest_name
    from attune_fit.data.faults import DataFault
    from attune_fit.models.active_model import (
        STARTING_MODEL_NAME,
        build_bundle_path,
        list_bundle_names,
        load_starting_model,
    )
    from attune_fit.training.promotion.ledger import LEDGER_FILE, read_ledger
    from attune_fit.training.reporting.model_card import build_card_facts
    from attune_fit.training.train import CARD_FACTS_FILE

    known = [STARTING_MODEL_NAME, *list_bundle_names(clinic)]
    if name not in known:
        where = "artifacts/bundles"
        raise DataFault.error(where, "", f"there is no bundle `{name}`", fix=suggest_name(name, known))
    if name == STARTING_MODEL_NAME:
        found = build_card_facts(load_starting_model(), STARTING_MODEL_NAME, "")
    else:
        path = build_bundle_path(clinic, name) / CARD_FACTS_FILE
        try:
            found = json.loads(path.read_bytes())
        except (OSError, ValueError):
            fix = "Run `attune train` to make it anew."
            raise DataFault.error(f"bundle {name}", CARD_FACTS_FILE, "its card cannot be read", fix=fix) from None
    lines = [one for one in read_ledger(clinic.artifacts / LEDGER_FILE).entries if name in (one.bundle, one.replaced)]
    history = [{"when": one.when, "what": one.what, "bundle": one.bundle, "why": one.why} for one in lines]
    return {**found, "history": history}


def _row(name: str, last: LedgerEntry | None) -> tuple[str, str]:
    """Records, and the verdict on them."""
    from attune_fit.models.active_model import STARTING_MODEL_NAME

    if name == STARTING_MODEL_NAME:
        return "", "Published evidence, and trees grown on synthetic clinics."
    return ("", "The ledger does not know it.") if last is None else (f"{last.n_outcomes:,}", last.verdict)


def _over(one: LedgerEntry) -> str:
    """What a decision took the place of, if anything."""
    return one.replaced if one.what not in ("refused", "kept") else ""


def _order(ledger: Ledger, name: str) -> int:
    """Place of a bundle's first line in the ledger; those it does not know come last."""
    return next((place for place, one in enumerate(ledger.entries) if one.bundle == name), len(ledger.entries))


def _apart(ledger: Ledger, live: str) -> list[str]:
    """Where the ledger and ``live.json`` name different bundles."""
    return (
        []
        if ledger.rollback_stack[-1] == live
        else [f"by it `{ledger.rollback_stack[-1]}` is live, artifacts/live.json says `{live}`"]
    )
