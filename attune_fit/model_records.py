"""What a clinic keeps about its models: the list of bundles, the ledger of decisions, and the model cards."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attune_fit.artifact_checks import check_artifacts
from attune_fit.data.fault_collector import suggest_name
from attune_fit.data.faults import DataFault
from attune_fit.data.sealed_log import parse_json_object
from attune_fit.data.storage.regular_file import check_regular_file
from attune_fit.models.active_model import load_starting_model
from attune_fit.models.active_pointer import (
    POINTER_FILE,
    STARTING_MODEL_NAME,
    build_bundle_path,
    list_bundle_names,
    read_active_name,
)
from attune_fit.training.hypotheses.hypothesis_result import RealWorldFigure
from attune_fit.training.promotion.ledger import ACTIVATING_ACTIONS, LEDGER_FILE, Ledger, LedgerEntry, read_ledger
from attune_fit.training.reporting.model_card import build_card_facts
from attune_fit.training.reporting.model_card_page import format_model_card
from attune_fit.training.train import CARD_FACTS_FILE

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.report_pages.html_parts import Html
    from attune_fit.data.report_pages.report_page import Answer, Section

ROLLED_BACK = "rolled back"


@dataclass(frozen=True)
class ModelList:
    """The bundles of a clinic, and the decisions about them.

    Attributes
    ----------
    bundles : tuple of str
        Names: the starting model, then the clinic's bundles in the order of the ledger; without a line, last.
    active : str
        Name of the live model.
    ledger : Ledger
    path : Path
        The file of the ledger.
    faults : tuple of str
        What is wrong with the ledger, what other files hold of it that is not there, and where ``live.json`` names
        another bundle than the ledger.
    """

    bundles: tuple[str, ...]
    active: str
    ledger: Ledger
    path: Path
    faults: tuple[str, ...] = ()

    def find_last_entry(self, bundle: str) -> LedgerEntry | None:
        """Return the last line of the ledger about a bundle; None without one."""
        return next((entry for entry in reversed(self.ledger.entries) if entry.bundle == bundle), None)

    def find_activation(self) -> LedgerEntry | None:
        """Return the line of the ledger since which the live model is live; None where it always was."""
        made_live = (
            entry for entry in reversed(self.ledger.entries) if entry.what in (*ACTIVATING_ACTIONS, ROLLED_BACK)
        )
        last = next(made_live, None)
        return last if last is not None and last.bundle == self.active else None

    def to_dict(self) -> dict[str, Any]:
        """Return the list in the types of JSON."""
        entries = [asdict(entry) for entry in self.ledger.entries]
        return {"live": self.active, "bundles": list(self.bundles), "ledger": entries, "faults": list(self.faults)}


@dataclass(frozen=True)
class ModelCard:
    """The model card of one bundle.

    Attributes
    ----------
    bundle : str
    facts : dict
        The facts of the card, and under ``history`` its lines of the ledger.
    """

    bundle: str
    facts: dict[str, Any]

    def to_markdown(self) -> str:
        """Return the card in Markdown."""
        return format_model_card(self.facts)

    def build_answer(self) -> Answer:
        """Return the verdict and what the model is not for, as the head of a page."""
        from attune_fit.training.reporting.model_card_report import build_card_answer

        return build_card_answer(self.facts)

    def build_sections(self) -> list[Section]:
        """Return the sections of the card as HTML with charts."""
        from attune_fit.training.reporting.model_card_report import build_card_sections

        return build_card_sections(self.facts)

    def draw_charts(self) -> dict[str, Html]:
        """Return the charts of the card as HTML, by name: methods, learning, calibration, families. Empty if absent."""
        from attune_fit.training.reporting.card_charts import draw_card_charts

        return draw_card_charts(self.facts)

    def to_html(self) -> str:
        """Return the card as one HTML page with charts, which needs no other file."""
        from attune_fit.training.reporting.model_card_report import format_card_report

        return format_card_report(self.facts)

    def to_json(self) -> str:
        """Return the facts as JSON text."""
        return json.dumps(self.facts, indent=1) + "\n"


def read_model_list(clinic: Clinic) -> ModelList:
    """Return the bundles of a clinic, and its ledger.

    Raises
    ------
    DataFault
        If ``live.json`` cannot be read.
    """
    path = clinic.artifacts / LEDGER_FILE
    ledger = read_ledger(path)
    place = {entry.bundle: number for number, entry in reversed(list(enumerate(ledger.entries)))}
    bundles = sorted(list_bundle_names(clinic), key=lambda name: place.get(name, len(place)))
    active, checks = read_active_name(clinic), check_artifacts(clinic)
    found = (*checks[LEDGER_FILE].breaks, *checks[POINTER_FILE].breaks)
    faults = tuple(dict.fromkeys((*ledger.faults, *(one.message for one in found))))
    return ModelList((STARTING_MODEL_NAME, *bundles), active, ledger, path, faults)


def read_model_card(clinic: Clinic, bundle: str | None = None) -> ModelCard:
    """Return the model card of a bundle.

    Parameters
    ----------
    clinic : Clinic
    bundle : str, optional
        A bundle of the clinic, or the name of the starting model. Default: the live model.

    Raises
    ------
    DataFault
        If there is no such bundle, or its card cannot be read.
    """
    name = read_active_name(clinic) if bundle is None else bundle
    known = [STARTING_MODEL_NAME, *list_bundle_names(clinic)]
    if name not in known:
        message, fix = f"there is no bundle `{name}`", suggest_name(name, known)
        raise DataFault.error("bundle-not-found", "artifacts/bundles", "", message, fix=fix)
    entries = [entry for entry in read_ledger(clinic.artifacts / LEDGER_FILE).entries
               if name in (entry.bundle, entry.replaced)]  # fmt: skip
    history = [{"when": entry.when, "what": entry.what, "bundle": entry.bundle, "why": entry.why} for entry in entries]
    if name == STARTING_MODEL_NAME:
        return ModelCard(name, {**build_card_facts(load_starting_model(), STARTING_MODEL_NAME, ""), "history": history})
    card = ModelCard(name, {**_read_card_facts(build_bundle_path(clinic, name)), "history": history})
    try:
        card.to_markdown()
    except (
        ArithmeticError,
        AttributeError,
        LookupError,
        TypeError,
        ValueError,
    ):  # a fact is missing, or of another type
        raise _build_card_fault(name) from None
    return card


def list_own_figures(clinic: Clinic) -> tuple[RealWorldFigure, ...]:
    """List the clinic's own outcome on the rank of the therapist seen, from the card of its live model.

    Empty where no model was trained, or its card does not hold the figure or cannot be read.
    """
    try:
        card = read_model_card(clinic)
    except DataFault:
        return ()
    rank = card.facts.get("rank_outcome")
    if not rank:
        return ()
    text = (
        f"This clinic, {rank['n']:,} held-out records: a place further down on the list goes with {rank['b']:+.2f} "
        f"POMP points of early alliance (95% interval {rank['low']:+.2f} to {rank['high']:+.2f})."
    )
    return (RealWorldFigure(text, f"Model card of {card.bundle}"),)


def _read_card_facts(folder: Path) -> dict[str, Any]:
    """Return the facts of a bundle's card; raises :class:`DataFault` if they cannot be read."""
    path = folder / CARD_FACTS_FILE
    try:
        check_regular_file(path)
        facts = parse_json_object(path.read_bytes())
    except OSError:
        facts = None
    if facts is None:
        raise _build_card_fault(folder.name)
    return facts


def _build_card_fault(name: str) -> DataFault:
    fix = "Run `attune train` to make a new bundle."
    message = "its card cannot be read"
    return DataFault.error("card-not-readable", f"bundle {name}", CARD_FACTS_FILE, message, fix=fix)
