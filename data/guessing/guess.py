"""Guesses and questions: one line of a first mapping with its score and reason, and what Attune asks about others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeVar

MAX_TRIES = 5  # a program that answers can give the same answer for ever
IDENTIFYING = "it identifies people: the preset drops it"  # reason for a header
Read = TypeVar("Read")
State = Literal["sure", "asked", "filled", "left out"]


@dataclass(frozen=True)
class Question:
    """Something that the files do not show.

    Attributes
    ----------
    place : str
        The file and the header, or the table, that it is about.
    text : str
        The question. It holds no cell but words and codes that are in at least five rows.
    choices : tuple of str
        The possible answers; empty where any text is one.
    without : str
        What happens without an answer.
    """

    place: str
    text: str
    choices: tuple[str, ...] = ()
    without: str = "left out"


Ask = Callable[[Question], str | None]


def ignore_question(question: Question) -> None:
    """Answer no question: what is not sure is left out."""


def settle_answer(ask: Ask, question: Question, read: Callable[[str], Read | None], fix: str) -> Read | None:
    """Return what an answer means; asks again where it means nothing, and None where there is no answer.

    Parameters
    ----------
    ask : callable
        Answers the question, or None.
    question : Question
        The question.
    read : callable
        Returns what an answer means, or None.
    fix : str
        What is wrong with an answer that means nothing, as one sentence before the question.
    """
    again = question
    for _ in range(MAX_TRIES):
        answer = ask(again)
        if not answer:
            return None
        if (found := read(answer.strip())) is not None:
            return found
        again = replace(question, text=f"{fix} {question.text}")
    return None


@dataclass(frozen=True)
class Guess:
    """One line of the first mapping.

    Attributes
    ----------
    table, column : str
        The canonical table and column, or a key such as ``items`` and ``wishes``; empty where none is found.
    file, header : str
        The clinic's file and header.
    state : {"sure", "asked", "filled", "left out"}
        Whether it was taken, taken after an answer, filled by the preset of a program without a line, or left out.
    score : float
        How sure it is, in [0, 1].
    reason : str
        Why.
    value : object
        The value in ``clinic.toml``; None where it has no line.
    """

    table: str
    column: str
    file: str
    header: str
    state: State
    score: float
    reason: str
    value: Any = None


@dataclass
class FirstMapping:
    """A first mapping of a folder.

    Attributes
    ----------
    config : dict
        The content of ``clinic.toml``, as far as it is known.
    guesses : list of Guess
        Every line, and every header that was left out.
    unplaced : dict of str to str
        Files that no table uses, with the reason.
    warnings : list of str
        What to decide by hand, one sentence each.
    """

    config: dict[str, Any] = field(default_factory=dict)
    guesses: list[Guess] = field(default_factory=list)
    unplaced: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
