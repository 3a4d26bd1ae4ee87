"""Texts of faults as a page shows them: without the options of commands, which a page does not have."""

from __future__ import annotations

import re

from attune_fit.data.faults import Fault
from attune_fit.result_frames import TEXT_ATTRIBUTE

NEW_CODE = "event-cell-with-new-code"
_SENTENCE_END = re.compile(r"(?<=[.?!])\s+(?=[A-Z`])")
PAGE_FIXES = {  # what to do on a page, where a command would do something else
    "client-added-already": "Find that client above, or give the new client another id.",
    "event-about-unknown-client": "Check the id, or add the client first.",
    NEW_CODE: "Correct it, or accept the code as a new one below.",
    "event-undone-already": "Nothing more has to be done.",
    "event-needed-later": "Undo those first, the last one first.",
    "no-event-to-undo": "The log lists the events.",
}
COMMAND_MARKS = ("`--", "`attune ", "attune record ", "attune journal", "the NUMBER")


def format_page_text(text: str) -> str:
    """Return a text without the sentences that name a command or one of its options, and without backticks.

    >>> format_page_text("Did you mean `plan a`? Known: `plan a`. Add `--new-code` if it is a new one.")
    'Did you mean plan a? Known: plan a.'
    >>> format_page_text("Add `--therapist ID`.")
    ''
    """
    kept = [one for one in _SENTENCE_END.split(text) if not any(mark in one for mark in COMMAND_MARKS)]
    return " ".join(kept).replace("`", "")


def format_sentence(text: str) -> str:
    """Return a sentence with a capital; a first word that can be an id, a code or a name of a column stays as it is.

    >>> format_sentence("not a number"), format_sentence("c0022 has this wish")
    ('Not a number', 'c0022 has this wish')
    """
    return f"{text[:1].upper()}{text[1:]}" if text.split(" ", 1)[0].isalpha() else text


def format_fault(fault: Fault) -> str:
    """Return what is wrong and what to do, in the words of a page.

    >>> format_fault(Fault.error("id", "journal", "on", "2027-01-01 is after today", fix="Correct `--on`."))
    '2027-01-01 is after today.'
    """
    message = format_page_text(format_sentence(str(getattr(fault, TEXT_ATTRIBUTE))).rstrip(".") + ".")
    known = format_page_text(fault.fix) if fault.id == NEW_CODE else ""  # the codes to choose from
    fix = PAGE_FIXES.get(fault.id) or format_page_text(fault.fix)
    return " ".join(text for text in (message, known, fix) if text)
