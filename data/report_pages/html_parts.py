"""Parts of a page as HTML: paragraphs, lists, and tables that a phone can scroll. All text is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple


class Html(str):
    """Text that is HTML already. Templates take it as it is, and :func:`escape_text` does not escape it again."""

    __slots__ = ()

    def __html__(self) -> str:
        """Return the text for Jinja, which asks for it by this name."""
        return str(self)


NOTHING = Html("")
CHART_HEAD = Html('<span class="vh">Chart</span>')  # head of a column of bars without an axis
N_BROAD = 5  # columns of a table that a phone scrolls instead of breaking every word


class TableColumn(NamedTuple):
    """One column of a table.

    Attributes
    ----------
    title : str
        Its head; Html for an axis.
    is_number : bool
        Whether its cells are numbers, which end at the right.
    is_short : bool
        Whether its cells stay on one line, such as an interval.
    """

    title: str
    is_number: bool = False
    is_short: bool = False

    @property
    def css_class(self) -> str:
        """Class of its cells; empty for text."""
        return "r" if self.is_number else "nw" if self.is_short else ""


class Band(NamedTuple):
    """A row with one cell over all columns: the name of the rows below it."""

    title: str


Row = Sequence[str] | Band


def escape_text(text: str) -> Html:
    """Return text as HTML; what is HTML already stays as it is.

    >>> escape_text("a < b"), escape_text(Html("<b>a</b>"))
    ('a &lt; b', '<b>a</b>')
    """
    return text if isinstance(text, Html) else Html(escape(text))


def join_parts(parts: Iterable[str]) -> Html:
    """Return the parts of a page one after the other; text among them is escaped."""
    return Html("\n".join(escape_text(part) for part in parts if part))


def format_element(tag: str, content: str, css_class: str = "") -> Html:
    """Return one element.

    >>> format_element("p", "a & b", "hint")
    '<p class="hint">a &amp; b</p>'
    """
    attribute = f' class="{escape(css_class)}"' if css_class else ""
    return Html(f"<{tag}{attribute}>{escape_text(content)}</{tag}>")


def format_paragraph(text: str, css_class: str = "") -> Html:
    """Return a paragraph; nothing without text."""
    return format_element("p", text, css_class) if text else NOTHING


def format_list(lines: Iterable[str], css_class: str = "bullets") -> Html:
    """Return a list of lines."""
    return format_element("ul", Html("".join(format_element("li", line) for line in lines)), css_class)


def format_facts(facts: Iterable[tuple[str, str]], css_class: str = "dl") -> Html:
    """Return pairs of a name and a value as a description list."""
    start, end = ("<div>", "</div>") if css_class == "facts" else ("", "")  # on one line, a pair stays together
    pairs = (f"{start}{format_element('dt', name)}{format_element('dd', value)}{end}" for name, value in facts)
    return format_element("dl", Html("".join(pairs)), css_class)


def format_link(text: str, address: str) -> Html:
    """Return a link."""
    return Html(f'<a href="{escape(address)}">{escape_text(text)}</a>')


def format_tag(word: str, *, is_strong: bool = False) -> Html:
    """Return a short word in a frame."""
    return format_element("span", word, "tag tag-now" if is_strong else "tag")


def format_details(summary: str, content: Html) -> Html:
    """Return content that opens with a click, and in print."""
    return Html(f"<details>{format_element('summary', summary)}{content}</details>")


def format_table(
    columns: Sequence[TableColumn | str], rows: Iterable[Row], label: str, css_class: str = "plain"
) -> Html:
    """Return a table in a region that scrolls where the screen is narrower than the table.

    Parameters
    ----------
    columns : sequence of TableColumn or str
        The first one names the row.
    rows : iterable of sequence of str, or Band
        One text for each column.
    label : str
        Name of the region for screen readers.
    css_class : str, default "plain"
        Class of the table.
    """
    heads = [column if isinstance(column, TableColumn) else TableColumn(column) for column in columns]
    is_broad = len(columns) >= N_BROAD and "bars" not in css_class
    css_class = f"{css_class} broad" if is_broad else css_class
    head = "".join(_format_cell("th", column.title, 'scope="col"', column) for column in heads)
    body = "\n".join(_format_row(heads, row) for row in rows)
    region = f'<div class="scroll" tabindex="0" role="region" aria-label="Table: {escape(label)}">'
    return Html(
        f'{region}<table class="{css_class}">\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>'
    )


def _format_row(columns: Sequence[TableColumn], row: Row) -> str:
    if isinstance(row, Band):
        title = format_element("span", row.title)
        return f'<tr class="band"><th scope="rowgroup" colspan="{len(columns)}">{title}</th></tr>'
    first, *others = row
    head = _format_cell("th", first, 'scope="row"', columns[0])
    cells = (
        _format_cell(
            "td", cell, "" if isinstance(column.title, Html) else f'data-label="{escape(column.title)}"', column
        )
        for column, cell in zip(columns[1:], others, strict=True)
    )
    return f"<tr>{head}{''.join(cells)}</tr>"


def _format_cell(tag: str, content: str, attribute: str, column: TableColumn) -> str:
    css_class = f'class="{column.css_class}"' if column.css_class else ""
    attributes = " ".join(part for part in (tag, attribute, css_class) if part)
    return f"<{attributes}>{escape_text(content)}</{tag}>"
