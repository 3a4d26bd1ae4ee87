"""Commands of the journal that follow from a list: record a check of a roster row, or look a decline up."""

from __future__ import annotations

from rich.markup import escape

from attune_fit.data.command_words import format_option, format_word


def format_roster_check(folder: object, therapist_id: str) -> str:
    """Return, as markup, what records that a therapist's row of the roster was checked; N is for the reader to fill in.

    >>> format_roster_check("demo", "t01")
    'After the check: [bold]attune record demo roster_checked --therapist t01 --openings N[/bold]'
    """
    words = format_word(folder), "roster_checked", format_option("--therapist", therapist_id), "--openings N"
    return f"After the check: [bold]{escape(' '.join(('attune record', *words)))}[/bold]"


def format_decline_search(folder: object, client_id: str, therapist_id: str) -> str:
    """Return, as markup, the command that lists the events of a pair, its decline among them.

    >>> format_decline_search("demo", "c1", "t01")
    'The decline: [bold]attune journal demo --client c1 --therapist t01[/bold]'
    """
    words = format_word(folder), format_option("--client", client_id), format_option("--therapist", therapist_id)
    return f"The decline: [bold]{escape(' '.join(('attune journal', *words)))}[/bold]"
