"""Guesses about therapists who take no new clients: a column that is not read would put them on lists."""

from __future__ import annotations

from typing import Any

from attune_fit.data.cell_parsing import normalize_code, parse_number
from attune_fit.data.guessing.cell_evidence import CellEvidence
from attune_fit.data.guessing.column_guesses import TableGuess
from attune_fit.data.guessing.column_scores import MOSTLY
from attune_fit.data.guessing.guess import Ask, Question, State
from attune_fit.data.guessing.header_scores import list_words
from attune_fit.data.guessing.words.word_meanings import NUMBER_WORDS, choose_number_words
from attune_fit.data.yes_no_marks import NO, YES_NO_MARKS, parse_mark

PEOPLE = frozenset(("client", "patient", "referral", "case"))
TAKES = frozenset(("accepting", "accept", "taking", "take", "new"))
TAKES_ALONE = (("accepting",), ("taking", "new"), ("accept", "new"), ("accepting", "new"))
CLOSED = frozenset(("not", "no", "closed", "full", "leave", "paused", "pause", "inactive", "active"))
PAIRS = (("Yes", "No"), ("Y", "N"), ("True", "False"), ("1", "0"))  # a pair is written whole: one word can be rare
CONSEQUENCE = "is not read: therapists who take no new clients will be on lists"


def add_acceptance(table: TableGuess, ask: Ask) -> None:
    """Read a column such as `Accepting new clients?` as the openings where no other column holds them.

    A no is 0 openings and a yes an unknown number. A column that cannot be read so is left out with its consequence.
    Where another column has openings of therapists with a no, the answer decides which of the two counts.

    Parameters
    ----------
    table : TableGuess
        The therapists. Its ``columns`` and ``guesses`` get the line.
    ask : callable
        Answers what is not sure, or None.
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
        value = None if is_of_closed else _read_marks(header, evidence)
        if value is not None and "open_slots" in table.columns:
            if _agrees_with_openings(table, evidence):
                table.add("", header, "left out", 0.0, f"each no has 0 under `{table.chosen['open_slots'].header}`")
                continue
            value = value if _prefers_marks(table, header, ask) else None
            if value is not None:
                table.leave_out("open_slots", f"`{header}` counts")
        if value is None:
            table.add("open_slots", header, "left out", 0.0, _explain_fix(table))
        else:
            table.columns["open_slots"] = value
            state: State = "asked" if "open_slots" in table.chosen else "sure"
            table.add("open_slots", header, state, 1.0, "a no is 0 openings, a yes an unknown number", value)


def _agrees_with_openings(table: TableGuess, evidence: CellEvidence) -> bool:
    """Return whether every therapist with a no has 0 openings, so that nothing is lost without the marks."""
    openings = table.role.file.get_evidence(table.chosen["open_slots"].header).cells
    zero = {word for family in NUMBER_WORDS["open_slots"] for word, number in family.items() if number == 0}
    for mark, cell in zip(evidence.cells.tolist(), openings.tolist(), strict=True):
        is_no = isinstance(mark, str) and (parse_mark(mark, YES_NO_MARKS) == NO or normalize_code(mark) in zero)
        if is_no and not (isinstance(cell, str) and (parse_number(cell) == 0 or normalize_code(cell) in zero)):
            return False
    return True


def _prefers_marks(table: TableGuess, header: str, ask: Ask) -> bool:
    """Ask which column counts, where a therapist with a no has openings."""
    openings = table.chosen["open_slots"].header
    text = f"Some therapists have a no under `{header}`, and not 0 under `{openings}`. Which of the two counts?"
    place = f"{table.role.file.place}, {header}"
    return ask(Question(place, text, (header, openings), f"`{header}` is not read")) == header


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
    family = choose_number_words("open_slots", words)
    closed = {word: 0 for word in family if words[word]}
    pairs = [pair for pair in PAIRS if any(words[normalize_code(word)] for word in pair)]
    known = {normalize_code(word) for pair in pairs for word in pair} | closed.keys()
    has_no = bool(closed) or any(words[word] and parse_mark(word, YES_NO_MARKS) == NO for word in known)
    if not pairs or not set(words) <= known or not (has_no or evidence.n_known == len(evidence.cells)):
        return None
    codes = {no: 0 for _, no in pairs} | family
    return {"from": header, "codes": codes, "missing": [yes for yes, _ in pairs]}


def _explain_fix(table: TableGuess) -> str:
    """Return what happens, and where to write that a therapist takes no new clients."""
    value = table.columns.get("open_slots")
    if value is None:
        return f"it {CONSEQUENCE}. Set `open_slots` under [tables.therapists.columns], with 0 for them"
    header = value["from"] if isinstance(value, dict) else value
    return f"it {CONSEQUENCE}. Write 0 under `{header}` in their rows"
