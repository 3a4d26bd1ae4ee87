"""What a browser without script would send for a form of a page."""

import html
import re


def read_form(page: str, action: str) -> dict[str, list[str]]:
    """Return what the form sends as it is: hidden inputs, texts, ticked boxes and chosen options, by name."""
    forms = re.findall(r"<form.*?</form>", page, re.DOTALL)
    form = next(form for form in forms if f'action="{html.escape(action)}"' in form)
    fields: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        given = {name: html.unescape(text) for name, text in re.findall(r'([a-z-]+)="([^"]*)"', tag)}
        if "name" in given and (given.get("type") not in ("checkbox", "radio") or " checked" in tag):
            fields.setdefault(given["name"], []).append(given.get("value", ""))
    for name, options in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.findall(r'value="([^"]*)" selected', options)
        fields[name] = [html.unescape(chosen[0])] if chosen else [""]
    return fields


def list_errors(page: str) -> list[tuple[str, str]]:
    """Return the input and the text of each error in the summary of a form; empty text for an error without input."""
    summary = re.search(r'<div class="errors".*?</div>', page, re.DOTALL)
    items = re.findall(r"<li>(.*?)</li>", summary.group() if summary else "", re.DOTALL)
    found = [re.search(r'href="#([^"]*)"', item) for item in items]
    texts = [html.unescape(re.sub(r"<[^>]+>", "", item)) for item in items]
    return [(link.group(1) if link else "", text) for link, text in zip(found, texts, strict=True)]
