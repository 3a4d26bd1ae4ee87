"""Tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterable


def markdown(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Rows under their heads, one line each."""
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"
