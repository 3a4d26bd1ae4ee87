"""Comparison of the codes of clients and therapists: codes that a rule compares and that can never match."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from attune_fit.data.cell_parsing import SET_SEPARATOR, is_one_of, list_distinct, normalize_code
from attune_fit.data.clinic.columns import COLUMNS, SPECIALTIES, Column
from attune_fit.data.reading.checks.similar_spelling import find_misspellings, format_questions, suggest_code
from attune_fit.data.reading.columns.limit_codes import list_limit_pairs

if TYPE_CHECKING:
    from attune_fit.data.clinic.settings import Config
    from attune_fit.data.fault_collector import FaultCollector
    from attune_fit.data.reading.columns.table_reader import MappedTable

MAX_NAMED = 8  # codes in one message
MIN_TEXTS = 20  # rows, each with a code of its own, from which on a column can be one of texts
MAX_LENGTH = 40  # characters: a longer code is counted and not named, because it can be a text about a person
MIN_PROBLEMS = 3  # fewer codes without a match are no sign of another vocabulary


class ComparedColumns(NamedTuple):
    """A column of clients and a column of therapists whose codes are compared.

    Attributes
    ----------
    client, therapist : str
        The columns.
    rule : str
        The rule that compares them; empty where only the model does.
    needs_shared_code : bool
        True where a pair without a common code is excluded; False where a common code excludes it, or changes a score.
    """

    client: str
    therapist: str
    rule: str
    needs_shared_code: bool

    @property
    def means_the_same(self) -> bool:
        """Whether both columns hold the same thing: all but the problems that a therapist does not take."""
        return self.needs_shared_code or not self.rule


def list_compared_columns(config: Config) -> list[ComparedColumns]:
    """List the columns of codes that the rules in use compare, and the specialties."""

    def has_codes(column: Column) -> bool:
        return column.kind in ("code", "set") and not column.has_ranges

    by_rule = {column.rule: column for column in COLUMNS if column.table == "clients" and column.rule}
    pairs = [
        ComparedColumns(by_rule[other.rule].name, other.name, other.rule, not other.is_limit)
        for other in COLUMNS
        if other.table == "therapists" and other.rule in by_rule and has_codes(other) and has_codes(by_rule[other.rule])
    ]
    is_off = {name for name, setting in config.rules.items() if setting.on is False}
    return [one for one in pairs if one.rule not in is_off] + [ComparedColumns(*SPECIALTIES, "", False)]


@dataclass(frozen=True)
class CodeColumn:
    """The codes of one column.

    Attributes
    ----------
    table, header : str
        The table, and the column as the clinic spells it.
    cells : Series of str
        Codes, or sets of them, under the row numbers of the file.
    name : str
        The column as Attune names it.
    """

    table: str
    header: str
    cells: pd.Series
    name: str = ""

    @classmethod
    def from_table(cls, name: str, column: str, mapped: MappedTable) -> CodeColumn | None:
        """Return a column of a table; None where the table has no such column or no known cell in it."""
        if column not in mapped.frame or mapped.frame[column].isna().all():
            return None
        return cls(name, mapped.headers.get(column, column), mapped.frame[column].astype("str"), column)

    @cached_property
    def is_text(self) -> bool:
        """Whether the cells are texts rather than codes: most rows have a code of their own."""
        n_texts = len(self.find_rows([code for code, number in self.counts.items() if number == 1]))
        return n_texts >= MIN_TEXTS and 2 * n_texts > self.cells.notna().sum()

    @cached_property
    def codes_by_cell(self) -> dict[str, list[str]]:
        """The codes of each distinct cell."""
        return {text: text.split(SET_SEPARATOR) for text in list_distinct(self.cells)}

    @cached_property
    def counts(self) -> Counter[str]:
        """The number of rows with each code."""
        counts: Counter[str] = Counter()
        for text, number in self.cells.value_counts().items():
            for code in dict.fromkeys(self.codes_by_cell[str(text)]):
                counts[code] += int(number)
        return counts

    def find_misspellings(self, other: CodeColumn) -> dict[str, str]:
        """Return the codes that the other column lacks, each with the code of it that is probably meant."""
        unmatched = self.counts.keys() - other.counts.keys()
        if not unmatched or self.is_text or other.is_text:
            return {}
        return find_misspellings(unmatched, other.counts)

    def find_rows(self, codes: Collection[str]) -> pd.Index:
        """Return the rows that have any of these codes."""
        wanted = set(codes)
        texts = [text for text, own in self.codes_by_cell.items() if not wanted.isdisjoint(own)]
        return self.cells.index[is_one_of(self.cells, texts)]

    def find_rows_without(self, codes: Collection[str]) -> pd.Index:
        """Return the rows with a known cell that has none of these codes."""
        unwanted = set(codes)
        texts = [text for text, own in self.codes_by_cell.items() if unwanted.isdisjoint(own)]
        return self.cells.index[is_one_of(self.cells, texts)]


def format_codes(counts: Mapping[str, int], *, are_texts: bool) -> str:
    """Return the names of codes by their numbers of rows, the most frequent ones first. Texts are counted only.

    >>> format_codes({"aetna": 1, "public": 2}, are_texts=False)
    '`public`, `aetna`'
    """
    listed = sorted(counts, key=lambda code: (-counts[code], code))
    named = [] if are_texts else select_nameable(listed)
    if not named:
        return "1 text" if len(listed) == 1 else f"{len(listed)} different texts"
    more = f" and {len(listed) - len(named)} more" if len(named) < len(listed) else ""
    return ", ".join(f"`{code}`" for code in named) + more


def select_nameable(codes: Iterable[str]) -> list[str]:
    """Return the codes that a message can name: short ones, at most :data:`MAX_NAMED`."""
    return [code for code in codes if len(code) <= MAX_LENGTH][:MAX_NAMED]


def compare_codes(
    config: Config, tables: Mapping[str, MappedTable], is_waiting: pd.Series, collector: FaultCollector
) -> None:
    """Warn of codes of clients and therapists that can never match, or that are spelt in two ways.

    Parameters
    ----------
    config : Config
        The rules in use.
    tables : mapping of str to MappedTable
        With `clients` and `therapists`, checked.
    is_waiting : Series of bool
        Whether each client waits, under the row numbers of the file. Only for them is a code that no therapist has
        something to act on.
    collector : FaultCollector
        Collects the warnings.

    Notes
    -----
    Of two spellings that are each on one side only, the one with fewer rows is taken for the misspelt one.
    """
    limits = {pair.therapist for pair in list_limit_pairs()}
    for compared in list_compared_columns(config):
        client = CodeColumn.from_table("clients", compared.client, tables["clients"])
        therapist = CodeColumn.from_table("therapists", compared.therapist, tables["therapists"])
        if client is None or therapist is None:
            continue
        if compared.needs_shared_code and client.counts.keys().isdisjoint(therapist.counts):
            _warn_of_two_vocabularies(client, therapist, compared, collector)
            continue
        misspelt = client.find_misspellings(therapist)
        is_limit = compared.therapist in limits
        known = {*misspelt.values(), *_list_known_codes(config, compared, tables)} if is_limit else set[str]()
        is_of_problems = not compared.needs_shared_code and not misspelt
        if is_of_problems and _warn_of_other_problems(client, therapist, compared, known, collector):
            continue
        if is_limit:
            _warn_of_limits_without_client(client, therapist, known, collector)
        if compared.needs_shared_code:
            _warn_of_clients_without_code(client, therapist, compared, is_waiting, misspelt, collector)
        reverse = {code: other for other, code in misspelt.items() if code not in client.counts
                   and client.counts[other] > therapist.counts[code]}  # fmt: skip
        kept = {code: other for code, other in misspelt.items() if reverse.get(other) != code}
        _warn_of_misspellings(client, therapist, kept, collector)
        others = {code: other for code, other in therapist.find_misspellings(client).items()
                  if code not in misspelt.values()}  # fmt: skip
        _warn_of_misspellings(therapist, client, others | reverse, collector)


def _warn_of_other_problems(
    client: CodeColumn, therapist: CodeColumn, compared: ComparedColumns, known: Collection[str],
    collector: FaultCollector,
) -> bool:  # fmt: skip
    """Warn of problems of therapists that are probably in other codes than those of the clients; return whether.

    A few problems that no client has are no sign of it, and neither are limits in codes that are ``known``.
    """
    used = {*client.counts, *known}
    if min(len(therapist.counts), len(client.counts)) < MIN_PROBLEMS or not used.isdisjoint(therapist.counts):
        return False
    asked = format_codes(client.counts, are_texts=client.is_text)
    offered = format_codes(therapist.counts, are_texts=therapist.is_text)
    message = f"no code in common with `{client.header}` of clients ({asked}): therapists have {offered}"
    effect = f"The rule `{compared.rule}` excludes no pair" if compared.rule else "No focus of a therapist counts"
    fix = f"{effect} until they have. Translate the codes of one side with `codes`, if they mean the same."
    collector.for_table("therapists").add_warning("no-shared-problem", therapist.header, message, fix)
    return True


def _list_known_codes(config: Config, compared: ComparedColumns, tables: Mapping[str, MappedTable]) -> set[str]:
    """Return the specialties, and the codes that `codes` lists for either column."""
    specialties = CodeColumn.from_table("therapists", SPECIALTIES[1], tables["therapists"])
    mappings = (
        config.tables.clients.columns.get(compared.client),
        config.tables.therapists.columns.get(compared.therapist),
    )
    listed = {normalize_code(target) for one in mappings if one for targets in one.codes.values() for target in targets}
    return listed | set(specialties.counts if specialties else ())


def _warn_of_limits_without_client(
    client: CodeColumn, therapist: CodeColumn, known: Collection[str], collector: FaultCollector
) -> None:
    """Warn of limits that concern no client: of one therapist alone, of no client, and no known code.

    A client's cell that cannot be read could hold any of them, and is corrected first.
    """
    if any(one.table == client.table and one.column == client.name for one in collector.unreadable):
        return
    similar = therapist.find_misspellings(client)  # with a warning of their own
    unused = {code: number for code, number in therapist.counts.items()
              if number == 1 and code not in client.counts and code not in known and code not in similar}  # fmt: skip
    if not unused:
        return
    named = format_codes(unused, are_texts=therapist.is_text)
    message = f"limits that concern no client: {named}"
    fix = (
        f"No client in `{client.header}` and no other therapist has these codes, so the rule excludes no pair. Check "
        "the spelling, or list the codes in `codes`."
    )
    rows = therapist.find_rows(unused.keys())
    collector.for_table(therapist.table).add_warning("limit-without-client", therapist.header, message, fix, rows)


def _warn_of_misspellings(
    column: CodeColumn, other: CodeColumn, misspelt: Mapping[str, str], collector: FaultCollector
) -> None:
    """Warn of codes of one column that are probably codes of the other one in another spelling."""
    if not misspelt:
        return
    named = select_nameable(sorted(misspelt, key=lambda code: (-column.counts[code], code)))
    questions = format_questions({code: misspelt[code] for code in named if len(misspelt[code]) <= MAX_LENGTH})
    message = f"codes that are almost, but not quite, those of `{other.header}` in `{other.table}`"
    fix = f"{questions}Attune takes them for different codes. Correct the cells, or translate them with `codes`."
    collector.for_table(column.table).add_warning(
        "similar-code", column.header, message, fix, column.find_rows(misspelt.keys())
    )


def _warn_of_two_vocabularies(
    client: CodeColumn, therapist: CodeColumn, compared: ComparedColumns, collector: FaultCollector
) -> None:
    asked = format_codes(client.counts, are_texts=client.is_text)
    offered = format_codes(therapist.counts, are_texts=therapist.is_text)
    shown = [] if client.is_text else select_nameable(sorted(client.counts))
    known = select_nameable_all(therapist.counts)
    meant = {code: other for code in shown if (other := suggest_code(code, known))}
    message = f"no code in common with `{therapist.header}` of therapists ({offered}): clients have {asked}"
    fix = (
        f"{format_questions(meant)}The rule `{compared.rule}` excludes every pair of these. Translate the codes of one "
        f"side: `codes` under [tables.clients.columns] or [tables.therapists.columns]."
    )
    collector.for_table("clients").add_warning("no-shared-code", client.header, message, fix)


def _warn_of_clients_without_code(
    client: CodeColumn,
    therapist: CodeColumn,
    compared: ComparedColumns,
    is_waiting: pd.Series,
    misspelt: Mapping[str, str],
    collector: FaultCollector,
) -> None:
    """Warn of waiting clients none of whose codes any therapist has; misspelt codes have a warning of their own."""
    rows = client.find_rows_without(therapist.counts.keys() | misspelt.keys())
    rows = rows[is_waiting.loc[rows].to_numpy(bool)]
    if rows.empty:
        return
    concerned = CodeColumn(client.table, client.header, client.cells.loc[rows])
    listed = sorted(concerned.counts, key=lambda code: (-concerned.counts[code], code))
    shown = [] if client.is_text else select_nameable(listed)
    known = select_nameable_all(therapist.counts)
    questions = format_questions({code: other for code in shown if (other := suggest_code(code, known))})
    names = format_codes(concerned.counts, are_texts=client.is_text)
    message = f"no therapist has these codes in `{therapist.header}`: {names}"
    fix = (
        f"{questions}The rule `{compared.rule}` leaves these clients no therapist. Correct the cells, translate them "
        "with `codes`, or check the roster."
    )
    collector.for_table("clients").add_warning("code-without-therapist", client.header, message, fix, rows)


def select_nameable_all(codes: Iterable[str]) -> list[str]:
    """Return all codes that are short enough to be named, sorted."""
    return sorted(code for code in codes if len(code) <= MAX_LENGTH)
