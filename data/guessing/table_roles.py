"""Roles of files: which file holds the clients, the therapists, the ratings, the wishes and the conflicts."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from attune_fit.data.clinic.columns import TABLE_ID_COLUMNS, TABLES, list_columns
from attune_fit.data.guessing.cell_evidence import CellEvidence
from attune_fit.data.guessing.column_scores import SURE, ColumnScore, choose_columns, score_columns, score_header_words
from attune_fit.data.guessing.folder_survey import SurveyedFile
from attune_fit.data.guessing.header_scores import list_words
from attune_fit.data.guessing.numbered_headers import list_numbered_headers
from attune_fit.data.guessing.rating_guesses import find_items, list_possible_instruments
from attune_fit.data.guessing.words.table_words import (
    FOREIGN_TABLE_WORDS,
    TABLE_NAME_WORDS,
)

KIND_ADDS = 3.0  # to the score of FHIR resources, which name their kind
NAME_ADDS = 1.5  # to the score of a file whose name has a word of the table
LINK_ADDS = 2.0  # where a third file names people of both
SHARED_ADDS = 0.25  # for a column that clients and therapists both have
MIN_LINK = 0.8  # share of distinct ids that another file has too
MIN_LINK_OF_SAME = 0.5  # the same under the same header
MIN_IDS = 3
LINK_SCORE = 0.9
MAX_IDS = 3  # headers that are tried as the ids of a file
MORE_THERAPISTS_LOSE = 1.0  # a clinic has fewer therapists than clients
CODE_BOOK_SUBJECTS = frozenset(("variable", "field"))  # words of its headers
CODE_BOOK_DETAILS = frozenset(("label", "choice", "value", "type", "meaning"))
MIN_SERIES = 3  # headers that differ by a number
MIN_ID_WORDS = 0.5  # score of a header of ids, where its cells are numbers


@dataclass(frozen=True)
class TableRole:
    """The file of one canonical table.

    Attributes
    ----------
    table : str
        The table.
    file : SurveyedFile
        Its file.
    ids : dict of str to ColumnScore
        Headers of the ids, by canonical column.
    reason : str
        Why this file.
    """

    table: str
    file: SurveyedFile
    ids: dict[str, ColumnScore] = field(default_factory=dict)
    reason: str = ""


def choose_roles(files: Sequence[SurveyedFile]) -> tuple[dict[str, TableRole], list[TableRole]]:
    """Return the file of each table that is found, and further files of ratings.

    Clients and therapists come first: the two files with the most columns of these tables, one row for each id, and
    ids of both in a third file. A table that is not found is absent.
    """
    people = _choose_people(files)
    roles = dict(people)
    if len(people) < len(TABLE_ID_COLUMNS):
        return roles, []
    others = [file for file in files if not any(file.is_same_as(role.file) for role in people.values())]
    for table in ("preferences", "conflicts", "outcomes"):
        best = max((_score_linked(table, file, people) for file in others), default=None, key=lambda one: one[0])
        if best is not None and best[0] > 0:
            roles[table] = best[1]
            others = [file for file in others if not file.is_same_as(best[1].file)]
    if "preferences" not in roles and (file := _find_resource_wishes(people["clients"].file, files)) is not None:
        roles["preferences"] = TableRole("preferences", file, {}, "wishes are resources too")
    ratings = [role for score, role in (_score_linked("outcomes", file, people) for file in others) if score > 0]
    if "outcomes" not in roles:  # ratings can be columns of the clients' file
        score, role = _score_linked("outcomes", people["clients"].file, people)
        if score > 0 and (find_items(role.file) is not None or _names_instrument(role)):
            roles["outcomes"] = role
    return {table: roles[table] for table in TABLES if table in roles}, ratings


def is_code_book(file: SurveyedFile) -> bool:
    """Return whether a file explains the columns or the codes of another one, such as REDCap's data dictionary."""
    words = [set(list_words(header)) for header in file.headers]
    return any(one & CODE_BOOK_SUBJECTS for one in words) and any(one & CODE_BOOK_DETAILS for one in words)


def _find_resource_wishes(clients: SurveyedFile, files: Sequence[SurveyedFile]) -> SurveyedFile | None:
    """Return the wishes among the FHIR resources of the clients, also where there are none yet; None for other files.

    A wish can restrict, and one that is not read, or a later one, would be lost.
    """
    if clients.export is None or clients.export.preset.name != "fhir":
        return None
    return next((file for file in files if not file.name and file.can_be("preferences")), None)


def _names_instrument(role: TableRole) -> bool:
    """Return whether a header of a file names an instrument, and its cells are scores of it."""
    return any(
        one.column == "score" and list_possible_instruments([role.file.get_evidence(one.header)], one.header)[1]
        for one in score_columns(role.table, role.file)
    )


def find_link(file: SurveyedFile, role: TableRole, other: str | None = None) -> str | None:
    """Return the header of a file whose cells are ids of a table of people; None where it has none.

    ``other`` is a header that is another id.
    """
    key = role.ids[TABLE_ID_COLUMNS[role.table]].header
    own = role.file.get_evidence(key)
    if role.file.export is not None and file.export is not None and file.name == role.file.name:
        return file.export.find_id(role.table)
    best: tuple[float, str] | None = None
    for header in file.headers:
        evidence = file.get_evidence(header)
        if header == other or (own.is_counter and evidence.is_counter):  # two counters of rows are always alike
            continue
        n_shared = len(evidence.ids & own.ids)
        share = n_shared / len(evidence.ids) if len(evidence.ids) >= min(MIN_IDS, len(own.ids)) else 0.0
        is_same = list_words(header) == list_words(key)
        if is_same and own.ids:  # a list can name people whom the table does not have
            share = max(share, n_shared / len(own.ids))
        by_name = 1.0 if is_same else score_header_words("outcomes", TABLE_ID_COLUMNS[role.table], header)
        is_named = by_name >= MIN_ID_WORDS
        if share >= (MIN_LINK_OF_SAME if is_same else MIN_LINK) and (is_named or evidence.number_share < 0.5):
            best = max(best or (0.0, ""), (share + by_name, header))
    return best[1] if best else None


class _Links:
    """Links between files and tables of people, each found once."""

    def __init__(self, files: Sequence[SurveyedFile]) -> None:
        self._files = files
        self._found: dict[tuple[int, int, str], str | None] = {}

    def has_both(self, pair: Sequence[TableRole]) -> bool:
        """Return whether a third file has ids of both, under two headers."""
        others = [file for file in self._files if not any(file.is_same_as(role.file) for role in pair)]
        return any(
            len({header for role in pair if (header := self._find(file, role)) is not None}) == len(pair)
            for file in others
        )

    def _find(self, file: SurveyedFile, role: TableRole) -> str | None:
        place = (id(file), id(role.file), role.ids[TABLE_ID_COLUMNS[role.table]].header)
        if place not in self._found:
            self._found[place] = find_link(file, role)
        return self._found[place]


def _choose_people(files: Sequence[SurveyedFile]) -> dict[str, TableRole]:
    """Return the files of clients and therapists; one of them alone where there is no pair."""
    options = {table: [role for file in files for role in _list_people(table, file)] for table in TABLE_ID_COLUMNS}
    scores = {id(role): _score_people(role) for roles in options.values() for role in roles}
    links = _Links(files)
    best: tuple[float, tuple[TableRole, ...]] = (0.0, ())
    for pair in itertools.product(*options.values()):
        if pair[0].file.is_same_as(pair[1].file):
            continue
        is_linked = links.has_both(pair)
        score = sum(scores[id(role)] for role in pair) + (LINK_ADDS if is_linked else 0.0)
        score -= MORE_THERAPISTS_LOSE if len(pair[1].file.cells) > len(pair[0].file.cells) else 0.0
        named = all(role.ids[TABLE_ID_COLUMNS[role.table]].score > 0 for role in pair)
        if score > best[0] and (named or is_linked):
            reason = "ids that another file names too" if is_linked else "one row for each id"
            best = (score, tuple(_explain(role, reason) for role in pair))
    if best[1]:
        return {role.table: role for role in best[1]}
    every = [role for roles in options.values() for role in roles if role.ids[TABLE_ID_COLUMNS[role.table]].score > 0]
    alone = max(every, key=lambda role: scores[id(role)], default=None)
    return {} if alone is None else {alone.table: alone}


def _explain(role: TableRole, reason: str) -> TableRole:
    """Return the role with the reason for its file, which also holds for ids whose header alone shows little."""
    ids = {
        name: one if one.score >= SURE else replace(one, score=SURE, reason=reason) for name, one in role.ids.items()
    }
    return TableRole(role.table, role.file, ids, reason)


def _list_people(table: str, file: SurveyedFile) -> list[TableRole]:
    """Return the file as a table of people, once for each header that can be its ids; none where it has no such one.

    A header with the words of an id comes first. Another one names each row once, and is no date and no number.
    """
    key = TABLE_ID_COLUMNS[table]
    if not file.can_be(table):
        return []
    if file.export is not None and file.export.named_id:
        return [TableRole(table, file, {key: ColumnScore(file.export.named_id, key, "from", 1.0, "your answer")})]
    named = [one for one in score_columns(table, file) if one.column == key and one.score >= MIN_ID_WORDS]
    if file.export is not None and file.export.person_id is not None:
        return [TableRole(table, file, {key: one}) for one in named if one.header == file.export.person_id]
    others = [header for header in file.headers if header not in {one.header for one in named}]
    unnamed = [
        ColumnScore(header, key, "from", 0.0, "each once")
        for header in others
        if _names_each_row(file.get_evidence(header), len(file.cells))
    ]
    return [TableRole(table, file, {key: one}) for one in [*named[:MAX_IDS], *unnamed[:MAX_IDS]]]


def _names_each_row(evidence: CellEvidence, n_rows: int) -> bool:
    is_unique = evidence.distinct_share == 1.0 and len(evidence.counts) >= MIN_IDS and evidence.n_known == n_rows
    return is_unique and not evidence.is_counter and not evidence.date_forms


def _score_people(role: TableRole) -> float:
    """Return how much a file looks like a table of people: its columns, and its name."""
    shared = set(list_columns("clients")) & set(list_columns("therapists"))
    numbered = [group for group in list_numbered_headers(role.file.headers).values() if len(group) >= MIN_SERIES]
    items = {header for group in numbered for header in group.values()}  # the last one looks like a total
    headers = [header for header in role.file.headers if header not in items]
    chosen = choose_columns(score_columns(role.table, role.file, headers))
    columns = sum(SHARED_ADDS if name in shared else one.score for name, one in chosen.items())
    columns += KIND_ADDS if role.file.export is not None and role.file.export.preset.name == "fhir" else 0.0
    return columns + _score_name(role.table, role.file) + role.ids[TABLE_ID_COLUMNS[role.table]].score


def _score_name(table: str, file: SurveyedFile) -> float:
    """Return what the name of a file or its sheet adds."""
    words = list_words(f"{file.name.rpartition('.')[0]} {file.keys.get('sheet', '')}")
    joined = " ".join(words)
    is_named = any(" ".join(list_words(word)) in (joined if " " in word else words) for word in TABLE_NAME_WORDS[table])
    begins = [word for word in words if word.startswith(FOREIGN_TABLE_WORDS[table])]
    is_named = is_named or bool(begins) or any(" " in word and word in joined for word in FOREIGN_TABLE_WORDS[table])
    return NAME_ADDS if is_named else 0.0


def _score_linked(table: str, file: SurveyedFile, people: dict[str, TableRole]) -> tuple[float, TableRole]:
    """Return how much a file looks like a table about people, 0 where it cannot be one; and its role."""
    ids = {}
    used: str | None = None
    for owner, key in TABLE_ID_COLUMNS.items():
        header = used = find_link(file, people[owner], used)
        if header is not None:
            ids[key] = ColumnScore(header, key, "from", LINK_SCORE, f"ids of the {owner}")
    role = TableRole(table, file, ids, "ids of people, and columns of this table")
    needed = [column.name for column in list_columns(table).values() if column.required]
    done = {one.header for one in ids.values()}
    scores = score_columns(table, file, [header for header in file.headers if header not in done])
    chosen = choose_columns(scores)
    if not set(needed) <= ids.keys() | chosen.keys() or not file.can_be(table):
        return 0.0, role
    name = _score_name(table, file)
    if table == "conflicts" and not name:  # two ids are not enough: a list of appointments has them too
        return 0.0, role
    return name + sum(one.score for one in chosen.values()) + len(ids), role
