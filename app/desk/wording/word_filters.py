"""The filters of the templates that make words of codes, wishes and compared columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from attune_fit.app.desk.wording.code_words import (
    format_code,
    format_codes,
    format_first_capital,
    format_long_wish,
    format_range,
    format_signed,
    format_wish,
    join_words,
)
from attune_fit.app.desk.wording.compared_words import describe_side, format_cell, format_column
from attune_fit.app.desk.wording.event_details import format_event_details

if TYPE_CHECKING:
    from attune_fit.matching.ranking.ranking_result import WishResult


def list_word_filters() -> dict[str, Callable[..., Any]]:
    """List the filters by the names that templates use."""
    return {
        "code": format_code, "codes": format_codes, "signed": format_signed, "joined": join_words,
        "capital": format_first_capital, "column": format_column, "side": describe_side,
        "event_details": format_event_details, "wish_text": format_wish_result, "wish_value": format_wish_value,
        "wish_long": lambda wish: format_long_wish(wish.attribute, wish.value, wish.strength),
        "cell": lambda value, name: format_cell(name, value),
    }  # fmt: skip


def format_wish_value(value: str, strength: str) -> str:
    """Return the value of a wish, as in ``not CBT``."""
    words = format_range(value) or format_code(value)
    return f"not {words}" if strength in ("avoid", "never") else words


def format_wish_result(wish: WishResult) -> str:
    """Return what a client wishes for, in a few words."""
    return format_wish(wish.attribute, wish.value, wish.strength)
