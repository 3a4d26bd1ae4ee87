"""Format tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterable


def format_table(headers: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Format rows under their headers, one line for each row."""
    lines = [headers, tuple("---" for _ in headers), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


def format_range(low: float | None, high: float | None) -> str:
    """Format a range with open ends as text; empty where both ends are open."""
    if low is None and high is None:
        return ""
    return f"{'' if low is None else f'{low:g}'} to {'' if high is None else f'{high:g}'}"
