"""Print the accounts of the desk, their sessions, one-time links, and which pages were opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.text import Text

from attune_fit.app.terminal.console import build_table, format_count, print_text
from attune_fit.data.command_words import format_word

if TYPE_CHECKING:
    from attune_fit.data.accounts.account_store import StoredAccount


def show_accounts(accounts: Sequence[StoredAccount], folder: Path) -> None:
    """Print the accounts, and how to make one where there is none."""
    if not accounts:
        place = escape(format_word(folder))
        return print_text(f"No account yet. The link for the first one: attune accounts {place} set-up")
    table = build_table(format_count(len(accounts), "account"), "name", "role", "therapist", "state")
    for one in accounts:
        state = "disabled" if one.is_disabled else "can sign in" if one.has_password else "link not used yet"
        table.add_row(*map(Text, (one.name, one.role, one.therapist_id or "", state)))
    return print_text(table)


def show_link(made: Mapping[str, Any], address: str) -> None:
    """Print a one-time link; it cannot be printed again."""
    if made["link"] is None:
        return print_text("An account has a password already: no link was made. An admin can add other accounts.")
    owner = f"the owner of {made['name']}" if made["name"] else "the first administrator"
    print_text(f"Give this link to {escape(owner)}; it works once, for 24 hours:")
    return print_text(Text(f"{address.rstrip('/')}{made['link']}", style="bold", no_wrap=True, overflow="ignore"))


def show_state(report: Mapping[str, Any]) -> None:
    """Print that an account was disabled or enabled."""
    ended = "is disabled; its sessions ended" if report["is_disabled"] else "can sign in again"
    print_text(f"The account {escape(report['name'])} {ended}.")


def show_sessions(sessions: Sequence[Mapping[str, Any]]) -> None:
    """Print the open sessions, the latest use first."""
    if not sessions:
        return print_text("No session is open.")
    title = format_count(len(sessions), "open session")
    table = build_table(title, "session", "account", "computer", "signed in (UTC)", "last used (UTC)")
    for one in sessions:
        table.add_row(*map(Text, (one["session"], one["account"], one["address"], *_format_times(one))))
    return print_text(table)


def show_ended(report: Mapping[str, Any]) -> None:
    """Print how many sessions ended."""
    print_text(f"{format_count(report['ended'], 'session')} of {escape(report['name'])} ended.")


def show_audit(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print which account opened or changed which page."""
    if not rows:
        return print_text("No page was opened yet.")
    table = build_table("", "when (UTC)", "account", "what", "page", "client", "therapist", ">answer")
    for row in rows:
        what = "edit" if row["method"] == "POST" else "view"
        people = (row["client_id"] or "", row["therapist_id"] or "", str(row["status"] or "none"))
        table.add_row(*map(Text, (row["at"][:19].replace("T", " "), row["account"], what, row["page"], *people)))
    return print_text(table)


def _format_times(session: Mapping[str, Any]) -> tuple[str, str]:
    started, used = (session[name][:16].replace("T", " ") for name in ("started_at", "used_at"))
    return started, used
