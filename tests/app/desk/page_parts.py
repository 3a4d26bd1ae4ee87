"""Read parts of a page without a parser: rows of its tables, and what its forms send."""

import html
import re


def count_rows(page: str) -> int:
    """Return the number of rows with a head, over all tables of the page."""
    return page.count('<th scope="row"')


def list_row_ids(page: str) -> list[str]:
    """Return the ids of the heads of rows, in their order."""
    heads = re.findall(r'<th scope="row" class="id">(.*?)</th>', page, re.DOTALL)
    return [html.unescape(re.sub(r"<[^>]+>", "", head)).strip() for head in heads]


def list_hidden(page: str, name: str) -> list[str]:
    """Return the values of hidden inputs of one name."""
    found = re.findall(rf'<input type="hidden" name="{re.escape(name)}" value="([^"]*)"', page)
    return [html.unescape(text) for text in found]


def list_links(page: str, start: str) -> list[str]:
    """Return the addresses of links that begin with a text."""
    return [html.unescape(one) for one in re.findall(r'href="([^"]*)"', page) if html.unescape(one).startswith(start)]


def find_form(page: str, action: str) -> str:
    """Return the text of the form whose address begins with a text."""
    forms = re.findall(r"<form.*?</form>", page, re.DOTALL)
    return next(str(form) for form in forms if f'action="{action}' in html.unescape(form))


def read_text(page: str) -> str:
    """Return the words of a page, without marks and repeated spaces."""
    main = page[page.index("<main") :]
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", main)))
