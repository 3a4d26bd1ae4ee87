"""Markdown as Attune writes it, as HTML: paragraphs, lists, tables and names in code. All text is escaped."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape

from attune_fit.data.report_pages.html_parts import (
    Html,
    format_element,
    format_facts,
    format_list,
    format_table,
    join_parts,
)

CELL_END = re.compile(r"(?<!\\)\|")  # a bar that is not part of a cell
CODE = re.compile(r"`([^`]+)`")
HEADING = "\n## "


def split_sections(text: str) -> tuple[str, list[tuple[str, str]]]:
    r"""Return what is before the first section, and the title and text of each section.

    >>> split_sections("# Card\n\nA verdict.\n\n## Use\n\nIt ranks.\n")
    ('# Card\n\nA verdict.', [('Use', 'It ranks.')])
    """
    head, *parts = text.split(HEADING)
    sections = [part.partition("\n") for part in parts]
    return head.strip(), [(title.strip(), content.strip()) for title, _, content in sections]


def convert_markdown(text: str, label: str, *, with_tables: bool = True) -> Html:
    """Return the blocks of a text as HTML.

    Parameters
    ----------
    text : str
        Blocks with an empty line between them.
    label : str
        Name of its tables for screen readers.
    with_tables : bool, default True
        Whether tables are kept.
    """
    return join_parts(_convert_blocks(text, label, with_tables))


def _convert_blocks(text: str, label: str, with_tables: bool) -> Iterator[Html]:
    for block in re.split(r"\n\s*\n", text.strip()):
        lines = block.strip().splitlines()
        if not lines:
            continue
        if lines[0].startswith("| "):
            if with_tables:
                yield _convert_table(lines, label)
        elif lines[0].startswith("- "):
            yield format_list(_convert_line(line.removeprefix("- ")) for line in lines)
        else:
            yield format_element("p", _convert_line(" ".join(lines)))


def _convert_table(lines: Sequence[str], label: str) -> Html:
    heads, _, *rows = (_split_cells(line) for line in lines)
    if len(heads) == 2 and not heads[1]:
        return format_facts((name, value) for name, value in rows)
    return format_table(heads, rows, label)


def _split_cells(line: str) -> list[str]:
    """Return the cells of a row as HTML; a bar inside a cell has a backslash before it."""
    return [_convert_line(cell.strip().replace("\\|", "|")) for cell in CELL_END.split(line.strip())[1:-1]]


def _convert_line(line: str) -> Html:
    return Html(CODE.sub(r"<code>\1</code>", escape(line)))
