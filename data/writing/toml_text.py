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
    own = [f"{_format_key(key)} = {_format_value(value)}" for key, value in content.items() if key not in inner]
    head = [f"\n[{'.'.join(map(_format_key, parents))}]"] if parents and own else []
    return [*head, *own, *(line for key, part in inner.items() for line in format_toml(part, (*parents, key)))]


def _format_key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else json.dumps(key, ensure_ascii=False)


def _format_value(value: Any) -> str:
    if isinstance(value, dict):
        items = [f"{_format_key(key)} = {_format_value(item)}" for key, item in value.items() if item is not None]
        return f"{{ {', '.join(items)} }}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_format_value, value)) + "]"
    return value.isoformat() if isinstance(value, dt.date) else json.dumps(value, ensure_ascii=False)
