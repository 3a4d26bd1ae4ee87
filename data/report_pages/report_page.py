"""A page that a command writes: one HTML file, the answer first, then a list of contents and the sections."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from attune_fit.data.report_pages.html_parts import (
    NOTHING,
    Html,
    escape_text,
    format_element,
    format_facts,
    format_link,
    join_parts,
)

LOOK = Path(__file__).parent / "look"
STYLESHEETS = ("desk.css", "report.css")  # that of the desk, and what only these pages have
# no script and no request: the page shows what is in its file
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


@dataclass(frozen=True)
class Section:
    """One section of a page.

    Attributes
    ----------
    anchor : str
        Its place in the address; letters, digits and hyphens.
    title : str
    content : Html
    note : str
        A word for the list of contents, such as "3 significant"; empty without one.
    level : {2, 3}
        3 for a part of the section before it.
    """

    anchor: str
    title: str
    content: Html
    note: str = ""
    level: int = 2


@dataclass(frozen=True)
class Answer:
    """The answer of a page.

    Attributes
    ----------
    lead : str
        One sentence.
    more : Html
        What to know with it; empty without.
    side_title, side : str, Html
        A second column with a title of its own; empty without.
    """

    lead: str
    more: Html = NOTHING
    side_title: str = ""
    side: Html = NOTHING


def format_report_page(
    title: str, facts: Iterable[tuple[str, str]], answer: Answer, sections: Sequence[Section], foot: Iterable[str] = ()
) -> str:
    """Return a page as the text of one file, which needs no other file and sends no request.

    Parameters
    ----------
    title : str
    facts : iterable of (str, str)
        What the page is about, in a line under its title.
    answer : Answer
    sections : sequence of Section
    foot : iterable of str
        Short texts at the end, such as a version.
    """
    lines = Html("".join(format_element("li", line) for line in foot))
    footer = format_element("footer", format_element("ul", lines), "foot") if lines else ""
    head = (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"{format_element('title', title)}\n<style>\n{_read_stylesheets()}</style>\n</head>\n"
    )
    main = join_parts([
        Html(f"<div>{format_element('h1', title)}{format_facts(facts, 'facts')}</div>"),
        format_answer(answer),
        format_sections(sections),
    ])  # fmt: skip
    skip = '<a class="skip" href="#main">Skip to the page</a>'
    return f'{head}<body>\n{skip}\n<main id="main" class="page report">\n{main}\n</main>\n{footer}\n</body>\n</html>\n'


def format_answer(answer: Answer) -> Html:
    """Return the answer, for the place under the title."""
    lead = format_element("p", format_element("strong", answer.lead), "lead")
    side = f"<div>{format_element('h2', answer.side_title, 'label')}{answer.side}</div>" if answer.side else ""
    return Html(f'<section class="answer" aria-label="The answer"><div>{lead}{answer.more}</div>{side}</section>')


def format_sections(sections: Sequence[Section]) -> Html:
    """Return the sections with the list of contents: in front of them, on a wide screen at their side."""
    body = "\n".join(_format_section(one) for one in sections)
    return Html(
        f'<div class="report-split">\n{_format_contents(sections)}\n<div class="stack-l">\n{body}\n</div></div>'
    )


def _format_section(section: Section) -> str:
    heading = f'<h{section.level} id="{section.anchor}">{escape_text(section.title)}</h{section.level}>'
    return f'<section aria-labelledby="{section.anchor}">\n{heading}\n{section.content}\n</section>'


def _format_contents(sections: Sequence[Section]) -> Html:
    lines = []
    for one in sections:
        note = format_element("span", one.note, "quiet") if one.note else ""
        inner = ' class="inner"' if one.level > 2 else ""
        lines.append(f"<li{inner}>{format_link(one.title, f'#{one.anchor}')} {note}</li>")
    return Html(f'<nav class="contents" aria-labelledby="contents"><h2 id="contents">Contents</h2><ul>{"".join(lines)}'
                "</ul></nav>")  # fmt: skip


@cache
def _read_stylesheets() -> str:
    return "\n".join((LOOK / name).read_text(encoding="utf-8") for name in STYLESHEETS)
