"""Guesses about therapists who take no new clients: a column that is not read would put them on lists."""

from __future__ import annotations

from typing import Any

from attune_fit.data.cell_parsing import normalize_code
from attune_fit.data.guessing.cell_evidence import CellEvidence
from attune_fit.data.guessing.column_guesses import TableGuess
from attune_fit.data.guessing.column_scores import MOSTLY
from attune_fit.data.guessing.header_scores import list_words
from attune_fit.data.guessing.word_meanings import NUMBER_WORDS
from attune_fit.data.yes_no_marks import NO, YES_NO_MARKS, parse_mark

PEOPLE = frozenset(("client", "patient", "referral", "case"))
TAKES = frozenset(("accepting", "accept", "taking", "take", "new"))
TAKES_ALONE = (("accepting",), ("taking", "new"), ("accept", "new"), ("accepting", "new"))
CLOSED = frozenset(("not", "no", "closed", "full", "leave", "paused", "pause", "inactive", "active"))
PAIRS = (("Yes", "No"), ("Y", "N"), ("True", "False"), ("1", "0"))  # a pair is written whole: one word can be rare
CONSEQUENCE = "is not read: therapists who take no new clients will be on lists"


def add_acceptance(table: TableGuess) -> None:
    """Read a column such as `Accepting new clients?` as the openings where no other column holds them.

    A no is 0 openings and a yes an unknown number. A column that cannot be read so is left out with its consequence.

    Parameters
    ----------
    table : TableGuess
        The therapists. Its ``columns`` and ``guesses`` get the line.
    """
    used = {one.header for name, one in table.chosen.items() if name in table.columns}
    for header in table.role.file.headers:
        evidence = table.role.file.get_evidence(header)
        is_of_takers, is_of_closed = _is_about_takers(header), _is_about_closed(header, evidence)
        is_count = evidence.number_share >= MOSTLY and not set(evidence.numbers) <= {0.0, 1.0}
        if header in used or not evidence.n_known or is_count or not (is_of_takers or is_of_closed):
            continue
        table.guesses = [guess for guess in table.guesses if guess.header != header]
        table.done.add(header)
        value = None if is_of_closed or "open_slots" in table.columns else _read_marks(header, evidence)
        if value is None:
            table.add("open_slots", header, "left out", 0.0, _explain_fix(table))
        else:
            table.columns["open_slots"] = value
            table.add("open_slots", header, "sure", 1.0, "a no is 0 openings, a yes an unknown number", value)


def _is_about_takers(header: str) -> bool:
    """Return whether a header asks who takes new clients; `Accepts insurance` does not."""
    words = list_words(header)
    is_open = words[:2] == ("open", "to")  # `Open cases` is a caseload
    return words in TAKES_ALONE or (not PEOPLE.isdisjoint(words) and (is_open or not TAKES.isdisjoint(words)))


def _is_about_closed(header: str, evidence: CellEvidence) -> bool:
    """Return whether a header asks who is closed or away, with a yes or a no in its cells."""
    words = list_words(header)
    return not CLOSED.isdisjoint(words) and (_is_about_takers(header) or evidence.mark_share >= MOSTLY)


def _read_marks(header: str, evidence: CellEvidence) -> dict[str, Any] | None:
    """Return the mapping of marks for yes and no; None where they are not clear, or an empty cell can be a no."""
    words = evidence.count_members(None)
    closed = {word: 0 for word in NUMBER_WORDS["open_slots"] if words[word]}
    pairs = [pair for pair in PAIRS if any(words[normalize_code(word)] for word in pair)]
    known = {normalize_code(word) for pair in pairs for word in pair} | closed.keys()
    has_no = bool(closed) or any(words[word] and parse_mark(word, YES_NO_MARKS) == NO for word in known)
    if not pairs or not set(words) <= known or not (has_no or evidence.n_known == len(evidence.cells)):
        return None
    codes = {no: 0 for _, no in pairs} | (NUMBER_WORDS["open_slots"] if closed else {})
    return {"from": header, "codes": codes, "missing": [yes for yes, _ in pairs]}


def _explain_fix(table: TableGuess) -> str:
    """Return what happens, and where to write that a therapist takes no new clients."""
    value = table.columns.get("open_slots")
    if value is None:
        return f"it {CONSEQUENCE}. Set `open_slots` under [tables.therapists.columns], with 0 for them"
    header = value["from"] if isinstance(value, dict) else value
    return f"it {CONSEQUENCE}. Write 0 under `{header}` in their rows"
