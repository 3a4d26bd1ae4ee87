"""Text of a TOML file that Attune writes."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")  # a key that needs no quotation marks


def format_toml(content: dict[str, Any], parents: tuple[str, ...] = ()) -> list[str]:
    """Return the lines of TOML: first a part's own keys, then the parts inside it."""
    inner = {key: value for key, value in content.items() if isinstance(value, dict)}
    own = [f"{format_key(key)} = {format_value(value)}" for key, value in content.items() if key not in inner]
    head = [f"\n[{'.'.join(map(format_key, parents))}]"] if parents and own else []
    return [*head, *own, *(line for key, part in inner.items() for line in format_toml(part, (*parents, key)))]


def format_key(key: str) -> str:
    """Return a key, in quotation marks where TOML needs them.

    >>> format_key("client_id"), format_key("Client ID")
    ('client_id', '"Client ID"')
    """
    return key if _BARE_KEY.fullmatch(key) else json.dumps(key, ensure_ascii=False)


def format_value(value: Any) -> str:
    """Return a value of TOML in one line, a table as an inline one without keys whose value is None.

    >>> format_value({"from": "Age", "scale": 0.5, "split": None})
    '{ from = "Age", scale = 0.5 }'
    """
    if isinstance(value, dict):
        items = [f"{format_key(key)} = {format_value(item)}" for key, item in value.items() if item is not None]
        return f"{{ {', '.join(items)} }}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(format_value, value)) + "]"
    return value.isoformat() if isinstance(value, dt.date) else json.dumps(value, ensure_ascii=False)
