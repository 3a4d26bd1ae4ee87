"""Format what a coordinator can check about a candidate: the cells behind each reason, and the facts of both rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from attune_fit.app.terminal.console import format_count

if TYPE_CHECKING:
    from attune_fit.matching.ranking.candidate_facts import CandidateFacts, StyleFact
    from attune_fit.matching.ranking.compared_fields import FieldPair
    from attune_fit.matching.ranking.ranking_result import ComparedRecord

SHARED = {  # label and attribute of :class:`CandidateFacts`
    "times": "slots_in_common",
    "formats": "formats_in_common",
    "languages": "languages_in_common",
    "problems": "problems_in_common",
}


def format_fields(record: ComparedRecord) -> str:
    """Return the columns and cells that a reason or a caution compares; empty where it reads none.

    Several scales of style are named together: :func:`list_fact_lines` has a line for each of them.
    """
    from attune_fit.features.style_features import STYLE_COLUMNS

    styles = [pair for pair in record.fields if pair.therapist_field in STYLE_COLUMNS]
    are_joined = len(styles) > 1
    others = [pair for pair in record.fields if not (are_joined and pair in styles)]
    return "; ".join([*(["the styles below"] if are_joined else []), *map(_format_pair, others)])


def _format_pair(pair: FieldPair) -> str:
    """Return the cell of the client and that of the therapist, each with its column."""
    from attune_fit.matching.ranking.compared_fields import format_value

    cells = (
        ("client", pair.client_field, pair.client_value),
        ("therapist", pair.therapist_field, pair.therapist_value),
    )
    return " – ".join(
        f"{side}'s {name.replace('_', ' ')}: {format_value(value)}" for side, name, value in cells if name is not None
    )


def list_fact_lines(facts: CandidateFacts) -> Iterator[tuple[str, str]]:
    """Yield the facts as a label and a text: codes in common, styles, roster row, openings, rules not checked."""
    shared = ", ".join(f"{label} {_format_codes(getattr(facts, name))}" for label, name in SHARED.items())
    yield "in common", shared
    for style in facts.styles:
        if style.client is not None or style.therapist is not None:
            yield "style", _format_style(style)
    yield "roster", f"{_format_check(facts)}; {_format_openings(facts)}"
    unknown = [rule.text for rule in facts.unchecked_rules if not rule.is_column_empty]
    if unknown:
        yield "to ask", "; ".join(unknown)


def _format_codes(codes: tuple[str, ...] | None) -> str:
    if codes is None:
        return "unknown"
    return " + ".join(codes) or "none"


def _format_style(style: StyleFact) -> str:
    """Return one scale: what the client prefers, how the therapist works, and the range of the scale."""
    name = style.name.replace("_", " ")
    client, therapist = (
        "unknown" if one is None else f"{one:+g}" if one else "0" for one in (style.client, style.therapist)
    )
    return f"{name}: client prefers {client}, therapist {therapist} (scale {style.low:g} to {style.high:g})"


def _format_check(facts: CandidateFacts) -> str:
    """Return when the roster row was checked, and whether that is too long ago."""
    if facts.age_days is None:
        return "row checked on an unknown day"
    old = f", more than {facts.stale_after_days} days" if facts.is_stale else ""
    return f"row checked on {facts.checked_on}, {format_count(facts.age_days, 'day')} ago{old}"


def _format_openings(facts: CandidateFacts) -> str:
    """Return the openings now; the number in the roster where it differs."""
    if facts.openings is None:
        return "openings unknown"
    openings = format_count(facts.openings, "opening")
    return openings if facts.openings == facts.open_slots else f"{openings} now of {facts.open_slots} in the roster"
