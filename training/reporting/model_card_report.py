"""The model card as one HTML page: the verdict first, charts where the Markdown has tables of intervals."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from attune_fit.data.report_pages.html_parts import Html, format_list, format_paragraph, join_parts
from attune_fit.data.report_pages.markdown_parts import convert_markdown, split_sections
from attune_fit.data.report_pages.report_page import Answer, Section, format_report_page
from attune_fit.models.active_pointer import STARTING_MODEL_NAME
from attune_fit.training.reporting.card_charts import (
    format_calibration,
    format_family_bars,
    format_learning,
    format_methods,
    format_weight_bars,
)
from attune_fit.training.reporting.model_card_page import INTENDED_USE, NOT_MEASURED, format_model_card

NOT_FOR = "What it is not for"
Chart = Callable[[dict[str, Any]], Html]
# what comes before the text of a section, and whether it replaces the section's tables
CHARTS: dict[str, tuple[Chart, bool]] = {
    "How well it predicts": (format_calibration, False),
    "Comparison with simpler methods": (lambda card: _format_comparison(card), True),
    "What the score is made of": (format_family_bars, True),
    "Every weight": (format_weight_bars, True),
}


def format_card_report(card: dict[str, Any]) -> str:
    """Return the page of a card.

    Parameters
    ----------
    card : dict
        Facts as for :func:`format_model_card`.
    """
    return format_report_page(
        f"Model card: {card['bundle']}", list_card_facts(card), build_card_answer(card), build_card_sections(card),
        (f"Attune {card['code']}",),
    )  # fmt: skip


def list_card_facts(card: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what the card is about, in a few words each."""
    records = card.get("records") or {}
    facts = [("Model", (card.get("model") or {}).get("name") or STARTING_MODEL_NAME)]
    if records:
        facts += [
            ("Records", _format_count(records.get("n"))),
            ("Therapists", _format_count(records.get("therapists"))),
        ]
    if records.get("first"):
        facts.append(("First ratings", f"{records['first']} to {records['last']}"))
    return [*facts, ("Instrument", card["instrument"] or NOT_MEASURED)]


def build_card_answer(card: dict[str, Any]) -> Answer:
    """Return the verdict in one sentence, then with its figures, and what the model is not for."""
    lead = card.get("verdict_plain") or card["verdict"].split(" (r =")[0].rstrip(".") + "."
    more = format_paragraph(card["verdict"], "hint") if card["verdict"] != lead else Html()
    return Answer(lead, more, NOT_FOR, format_list(list_limits_of_use()))


def list_limits_of_use() -> list[str]:
    """Return the sentences about what a model is not for, one by one."""
    sentences = re.split(r"(?<=\.) ", INTENDED_USE)
    return [one for one in sentences if one.startswith(("Do not", "Use it only"))]


def build_card_sections(card: dict[str, Any]) -> list[Section]:
    """Return the sections of the Markdown card in its order, with their charts."""
    _, sections = split_sections(format_model_card(card))
    return [Section(_anchor(title), title, _format_section(card, title, text)) for title, text in sections]


def _format_section(card: dict[str, Any], title: str, text: str) -> Html:
    if title not in CHARTS:
        return convert_markdown(text, title)
    draw, replaces_tables = CHARTS[title]
    chart = draw(card)
    content = convert_markdown(text, title, with_tables=not (replaces_tables and chart))
    return join_parts([content, chart] if replaces_tables else [chart, content])


def _format_comparison(card: dict[str, Any]) -> Html:
    """Return the methods by who suits whom, then with who is rated high, then what learning changed."""
    if not card.get("compared"):
        return Html()
    parts: Iterable[str] = (
        _format_heading("Who suits whom"),
        format_methods(card, "within"),
        _format_heading("Who suits whom, and who is rated high"),
        format_methods(card, "over"),
        *(
            (_format_heading("What learning from your records changed"), format_learning(card))
            if card.get("learned")
            else ()
        ),
    )
    return join_parts(parts)


def _format_heading(text: str) -> Html:
    return Html(f"<h3>{text}</h3>")


def _format_count(count: int | str | None) -> str:
    return NOT_MEASURED if count is None else f"{count:,}" if isinstance(count, int) else count


def _anchor(title: str) -> str:
    return "card-" + re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
