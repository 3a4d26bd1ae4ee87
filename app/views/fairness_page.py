"""Format a fairness audit as one self-contained HTML page: the answer, then every figure by group."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from attune_fit.app.terminal.console import format_count
from attune_fit.app.views.fairness_sections import (
    build_metric_sections,
    format_fifths,
    format_newcomers,
    format_overview,
    format_significant,
    list_significant,
)
from attune_fit.app.views.fairness_text import (
    summarize_chance,
    summarize_exposure,
    summarize_newcomers,
    summarize_suppression,
)
from attune_fit.data.report_pages.html_parts import Html, format_facts, format_list, format_paragraph, join_parts
from attune_fit.data.report_pages.report_formats import choose_report_format
from attune_fit.data.report_pages.report_page import Answer, Section, format_report_page

if TYPE_CHECKING:
    from attune_fit.matching.fairness.audit import FairnessAudit

READING_GUIDE = (
    "A dot is the figure of a group, the line its 95% interval. About 19 of 20 such intervals contain the true value "
    "for people like these. The dotted line is the figure of all people, the grey area its interval.",
    "The mark “significant”: the difference from all others is too large for chance, corrected for all tests on this "
    "page. About one in twenty of the marked ones might still be chance.",
    "A wide interval means that little is known. It does not mean that there is no difference.",
    "A difference does not show why there is one. Payer, language, wishes and hours go together. Groups of one column "
    "are compared without adjustment for other columns.",
    "Equal figures do not prove that a clinic is fair. Unequal figures do not prove that it is unfair.",
)
ABSENT_PEOPLE = "No table contains clients who left before they were on a list, or clients who were never referred."
NO_LEAGUE_TABLE = "Groups only: no therapist is compared with another, and none is named."


def choose_fairness_format(target: Path) -> Callable[[FairnessAudit], str]:
    """Return the function that formats a report for a file of this name; raises as :func:`choose_report_format`."""
    return choose_report_format(target, REPORT_FORMATS)


def format_fairness_json(audit: FairnessAudit) -> str:
    """Return the audit as JSON text."""
    return json.dumps(audit.to_dict(), indent=1, allow_nan=False) + "\n"


def format_fairness_page(audit: FairnessAudit) -> str:
    """Return the page: one HTML file, which needs no other file."""
    name = f": {audit.clinic}" if audit.clinic else ""
    facts = (("Lists of", f"{audit.clients:,} {audit.whose}"), ("Rated pairs", f"{audit.rated:,}"),
             ("Therapists", f"{audit.therapists:,}"), ("Tables as of", str(audit.as_of)),
             ("Alliance in points of", audit.instrument), ("Shortlists of", str(audit.shortlist)))  # fmt: skip
    foot = ("Attune", f"Bundle {audit.bundle}", f"Ties are broken at random (seed {audit.seed})")
    return format_report_page(
        f"Lists and outcomes by group{name}", facts, _build_answer(audit), _build_sections(audit), foot
    )


def _build_answer(audit: FairnessAudit) -> Answer:
    """Return how many groups differ, and what this page cannot show."""
    n_significant = len(list_significant(audit))
    lead = "No group differs significantly from all others."
    if n_significant:
        differ = "differs" if n_significant == 1 else "differ"
        lead = f"{format_count(n_significant, 'figure')} of a group {differ} significantly from all others."
    more = join_parts([format_paragraph(summarize_chance(audit)), format_paragraph(audit.verdict, "hint")])
    return Answer(lead, more, "What it does not show", format_list((*READING_GUIDE[2:], summarize_suppression(audit))))


def _build_sections(audit: FairnessAudit) -> list[Section]:
    n_significant = len(list_significant(audit))
    return [
        Section("differences", "Significant differences", format_significant(audit), str(n_significant)),
        Section("overview", "All figures", format_overview(audit)),
        Section("reading", "How to read it", format_list(READING_GUIDE)),
        Section("clients", "By group of clients", Html()),
        *build_metric_sections(audit, "client"),
        Section("therapists", "By group of therapists", format_paragraph(NO_LEAGUE_TABLE)),
        *build_metric_sections(audit, "therapist"),
        Section("spread", "Spread of exposure",
                join_parts([format_paragraph(summarize_exposure(audit)), format_fifths(audit.spread)]), level=3),
        Section("newcomers", "Newcomers",
                join_parts([format_paragraph(summarize_newcomers(audit)), format_newcomers(audit.newcomers)]), level=3),
        Section("hidden", "What is hidden or missing",
                join_parts([format_paragraph(summarize_suppression(audit)), format_paragraph(ABSENT_PEOPLE)])),
        Section("origin", "How it was made", format_facts(_list_provenance(audit), "dl hash")),
    ]  # fmt: skip


def _list_provenance(audit: FairnessAudit) -> tuple[tuple[str, str], ...]:
    return (
        ("command", f"attune fairness CLINIC{'' if 'wait' in audit.whose else ' --all'} --out FILE.html"),
        ("seed of the random tie-break", str(audit.seed)),
        ("tables, SHA-256", audit.data),
        ("bundle", audit.bundle),
        ("rules and settings, SHA-256", audit.policy),
    )


REPORT_FORMATS: dict[str, Callable[[FairnessAudit], str]] = {
    ".html": format_fairness_page,
    ".json": format_fairness_json,
}
