"""Format tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterable


def format_table(headers: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Format rows under their headers, one line for each row."""
    lines = [headers, tuple("---" for _ in headers), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"
