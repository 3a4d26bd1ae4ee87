"""Build the first mapping of a folder: its files become tables, their headers columns, and the rest questions."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from attune_fit.data.clinic.columns import TABLE_ID_COLUMNS, TABLES, list_columns
from attune_fit.data.faults import DataFault
from attune_fit.data.guessing.cell_evidence import MIN_ROWS_SHOWN, CellEvidence, choose_date_form
from attune_fit.data.guessing.choice_columns import ChoiceGroup, find_choice_groups
from attune_fit.data.guessing.clinic_questions import settle_export_day, settle_waiting
from attune_fit.data.guessing.closed_therapists import add_acceptance
from attune_fit.data.guessing.code_guesses import find_codes
from attune_fit.data.guessing.column_guesses import (
    TableGuess,
    Words,
    add_column_lines,
    add_own_columns,
    choose_table_columns,
    count_codes,
)
from attune_fit.data.guessing.column_scores import POSSIBLE, SAME, choose_columns, score_columns
from attune_fit.data.guessing.contact_dates import settle_referral_date
from attune_fit.data.guessing.export_survey import read_exports
from attune_fit.data.guessing.folder_survey import SurveyedFile, list_databases, read_folder
from attune_fit.data.guessing.guess import Ask, FirstMapping, Question, ignore_question
from attune_fit.data.guessing.joined_people import join_people
from attune_fit.data.guessing.member_files import add_member_files
from attune_fit.data.guessing.numbered_headers import list_numbered_headers
from attune_fit.data.guessing.person_headers import (
    choose_person_headers,
    describe_missing_id,
    find_form_without_ids,
)
from attune_fit.data.guessing.rating_guesses import find_items, find_wide_sessions, list_total_parts
from attune_fit.data.guessing.rating_lines import SCORES, settle_ratings
from attune_fit.data.guessing.stacked_files import SHARES_PEOPLE, list_like_files, merge_files
from attune_fit.data.guessing.summed_items import find_item_sums
from attune_fit.data.guessing.table_roles import TableRole, choose_roles, is_code_book
from attune_fit.data.guessing.tried_lines import drop_unread_lines
from attune_fit.data.guessing.weekly_times_lines import settle_times
from attune_fit.data.guessing.wish_guesses import WishGuess, find_wishes

MIN_SERIES = 2  # headers that differ by a number
MIN_ITEMS = 3
CODE_BOOK = "a code book, which Attune does not read"
ONE_CHOICE = "one column for each choice: write `slots`, and the meaning of each choice in `codes`"
NOT_NEEDED = "no table is found in it"
PART_OF_TOTAL = (
    "a part of a questionnaire, and no total: write the total in a column, or number the marks as in `SRS1` to `SRS4`"
)


def build_mapping(folder: Path, ask: Ask = ignore_question) -> FirstMapping:
    """Return a first mapping of the files of a folder.

    Parameters
    ----------
    folder : Path
        Holds the files, and no ``clinic.toml``.
    ask : callable, optional
        Gets a :class:`Question` and returns the answer, or None. Default: no question is answered, and what is not
        sure is left out with a warning.

    Returns
    -------
    FirstMapping
        Its ``config`` is valid. No cell is in it but words and codes that are in at least five rows.

    Raises
    ------
    DataFault
        If no file has a row for each client, or none has one for each therapist.
    """
    exports = read_exports(folder)
    files, unread = read_folder(folder, exports.paths)
    files, unread = [*files, *exports.files], {**unread, **exports.unread}
    files, versions = merge_files(files, ask)
    versions |= {file.place: CODE_BOOK for file in files if is_code_book(file)}
    files = [file for file in files if not is_code_book(file)]
    roles, ratings = choose_roles(files)
    if len(TABLE_ID_COLUMNS.keys() & roles) < len(TABLE_ID_COLUMNS):
        files = choose_person_headers(folder, files, roles, ask)
        roles, ratings = choose_roles(files)
    unreadable = [f"{name} ({reason})" for name, reason in unread.items()]
    databases = [path.name for path in list_databases(folder)]
    _require_people(roles, files, unreadable, databases)
    files = _join_people(files, roles, ratings)
    mapping = FirstMapping(unplaced={**unread, **versions, **exports.companions})
    wishes = find_wishes(roles["clients"].file, ask, _list_wished_columns(roles["therapists"]))
    tables = [_choose_columns(role, wishes, ask) for role in (*roles.values(), *ratings)]
    _settle_date_forms(tables, ask)
    words, books = count_codes(tables), dict[str, Any]()
    others = [file for file in files if file.export is None and all(file is not one.role.file for one in tables)]
    sections = [_build_section(table, words, books, others, ask) for table in tables]
    settle_times(tables)
    for table, section in zip(tables, sections, strict=True):
        names = [*(name for name in list_columns(table.table) if name in table.columns), *table.columns]
        section["columns"] = {name: table.columns[name] for name in names}
    tables, mapping.config = _put_together(tables, sections, wishes)
    mapping.guesses = [guess for table in tables for guess in table.guesses] + wishes.guesses
    settle_waiting(tables[0], mapping, ask)
    settle_export_day(tables, mapping, ask)
    used = frozenset[str]().union(*(table.role.file.names for table in tables), _list_second_files(tables))
    like = list_like_files(files, [table.role.file for table in tables])
    mapping.unplaced |= {file.name: NOT_NEEDED for file in files if file.names.isdisjoint(used)} | like
    unread_rows = {place: reason for place, reason in versions.items() if SHARES_PEOPLE in reason} | like
    mapping.warnings += [f"{place} is not read: {reason}." for place, reason in unread_rows.items()]
    drop_unread_lines(folder, mapping)
    mapping.warnings += _list_warnings(mapping)
    return mapping


def _join_people(
    files: list[SurveyedFile], roles: dict[str, TableRole], ratings: list[TableRole]
) -> list[SurveyedFile]:
    """Join further files to those of clients and therapists; return the files that are left."""
    for table in TABLE_ID_COLUMNS:
        taken = [role.file for role in (*roles.values(), *ratings)]
        plain = [file for file in files if file.export is None]
        joined = join_people(roles[table], [file for file in plain if all(file is not one for one in taken)])
        if joined.file is not roles[table].file:
            files = [file for file in files if file.name not in {one["file"] for one in joined.file.joined}]
            files = [joined.file if file is roles[table].file else file for file in files]
            roles[table] = joined
    return files


def _build_section(
    table: TableGuess, words: Words, books: dict[str, Any], others: list[SurveyedFile], ask: Ask
) -> dict[str, Any]:
    """Return the keys of a table above its columns, and write its columns."""
    section = _start_section(table)
    add_column_lines(table, words, books, ask)
    if table.table == "clients":
        _add_item_sums(table)
    if table.table == "therapists":
        add_acceptance(table, ask)
    if table.table == "outcomes":
        section |= settle_ratings(table, ask)
    if table.table in TABLE_ID_COLUMNS:
        add_member_files(table, others)
    if table.table != "outcomes" or not {"age", "gender"} & table.columns.keys():
        add_own_columns(table)
    return section


def _put_together(
    tables: list[TableGuess], sections: list[dict[str, Any]], wishes: WishGuess
) -> tuple[list[TableGuess], dict[str, Any]]:
    """Return the tables that are used, and the content of ``clinic.toml``; ratings of several files are parts.

    A further file of ratings without any score is not used.
    """
    used: list[tuple[TableGuess, dict[str, Any]]] = []
    for table, section in zip(tables, sections, strict=True):
        has_scores = "items" in section or any(name in table.columns for name in SCORES)
        if table.table != "outcomes" or has_scores or all(one.table != "outcomes" for one, _ in used):
            used.append((table, section))
    ratings = [(table, section) for table, section in used if table.table == "outcomes"]
    if len(ratings) > 1 and "instrument" not in ratings[0][1] | ratings[0][0].columns:
        used.remove(ratings.pop(0))  # a file without scores, such as one of visits, next to one that has them
    config: dict[str, Any] = {table.table: section for table, section in used}
    if len(ratings) > 1:
        config["outcomes"] = {"parts": [section for _, section in ratings]}
    if wishes.wishes:
        config.setdefault("preferences", {})["wishes"] = wishes.wishes
    return [table for table, _ in used], {"tables": {name: config[name] for name in TABLES if name in config}}


def _list_second_files(tables: list[TableGuess]) -> frozenset[str]:
    """Return the files with one row for each member of a set."""
    details = [one for table in tables for one in table.columns.values() if isinstance(one, dict)]
    return frozenset(one["file"] for one in details if "file" in one)


def _add_item_sums(table: TableGuess) -> None:
    """Add the columns that are sums of items, where no header is their total."""
    for name, (value, headers) in find_item_sums(table.table, table.role.file).items():
        if name not in table.columns:
            table.columns[name] = value
            table.add(name, f"{headers[0]} to {headers[-1]}", "sure", 1.0, f"{len(headers)} items", value)


def _name_source(file: SurveyedFile) -> str:
    """Return the file, with the program that wrote it, or its sheet."""
    if file.export is None:
        return file.place
    return f"{file.name} ({file.export.preset.label})" if file.name else file.place


def _require_people(
    roles: dict[str, TableRole], files: list[SurveyedFile], unreadable: list[str], databases: list[str]
) -> None:
    """Refuse a folder in which the clients or the therapists are not found."""
    names = [*dict.fromkeys(map(_name_source, files)), *unreadable]
    lacking = [table for table in TABLE_ID_COLUMNS if table not in roles]
    if lacking:
        message = f"no file is found that has one row for each {' and one for each '.join(one[:-1] for one in lacking)}"
        known = f"Looked at: {', '.join(names)}." if names else "The folder has no file that can hold a table."
        header = "a header for the ids such as `Client ID` or `Therapist ID`"
        fix = f"Put such a file there, with {header}, or write clinic.toml by hand. {known}"
        forms = {
            table: find_form_without_ids(table, files, [role.file for role in roles.values()]) for table in lacking
        }
        for table, form in forms.items():
            fix = f"{describe_missing_id(table, form)} {known}" if form is not None else fix
        if databases:
            fix = f"{fix} A database is not looked at ({', '.join(databases)}): see Databases in docs/your-clinic.md."
        raise DataFault.error("tables-not-recognized", "clinic.toml", "", message, fix=fix)


def _choose_columns(role: TableRole, wishes: WishGuess, ask: Ask) -> TableGuess:
    """Return the columns of one table, without headers of wishes, raw items and single sessions."""
    done: set[str] = set(wishes.headers) if role.table == "clients" else set()
    if role.table == "outcomes" and (items := find_items(role.file)) is not None:
        done |= set(items.headers)
    sessions = find_wide_sessions(role.file, done) if role.table == "outcomes" else None
    wide = sessions.headers if sessions else ()
    unread = _list_unread_items(role, done | set(wide)) if role.table == "outcomes" else []
    done |= set(unread)
    if role.table == "outcomes" and (parts := list_total_parts(role.file, done)):
        done |= set(parts)
    else:
        parts = []
    done |= {header for _, headers in find_item_sums(role.table, role.file).values() for header in headers}
    series = _list_series(role, done | set(wide)) if role.table in TABLE_ID_COLUMNS else []
    done |= {header for _, headers in series for header in headers}
    choices = find_choice_groups(role.table, role.file, done | set(wide)) if role.table in TABLE_ID_COLUMNS else []
    done |= {header for group in choices for header in group.headers}
    table = choose_table_columns(role, done | set(wide), ask)
    _add_choices(table, choices)
    if role.table == "clients":
        settle_referral_date(table, ask)
    for name, headers in series:
        reason = "items, not read: Attune reads one column, with a total or a set"
        table.add(name, f"{headers[0]} to {headers[-1]}", "left out", 0.0, reason)
    for header in parts:
        table.add("score", header, "left out", 0.0, PART_OF_TOTAL)
    if unread:
        reason = "numbered columns, and it is not clear of which instrument they are the items"
        table.add("items", f"{unread[0]} to {unread[-1]}", "left out", 0.0, reason)
    return table


def _add_choices(table: TableGuess, groups: list[ChoiceGroup]) -> None:
    """Add the columns with one choice each as one set; one whose choices have no words is left out."""
    for group in groups:
        shown = f"{group.headers[0]} to {group.headers[-1]}"
        if group.is_sure and group.column not in {*table.chosen, *table.columns}:
            codes, has_others = find_codes(table.table, group.column, group.choices, group.choices)
            value = {"slots": group.pattern} | ({"codes": codes} if codes else {})
            table.columns[group.column] = value | ({"other": "keep"} if codes and has_others else {})
            reason = "one column for each choice"
            table.add(group.column, shown, "sure", 1.0, reason, table.columns[group.column])
        elif group.column:
            table.add(group.column, shown, "left out", 0.0, ONE_CHOICE)


def _list_wished_columns(therapists: TableRole) -> list[str]:
    """Return the columns of therapists that a wish can be about, in the order of the canonical columns."""
    chosen = choose_columns(score_columns("therapists", therapists.file))
    columns = list_columns("therapists")
    return [name for name in columns if name in chosen and (columns[name].kind in ("code", "set") or name == "age")]


def _list_unread_items(role: TableRole, done: set[str]) -> list[str]:
    """Return numbered headers that are the items of no known instrument."""
    for numbered in list_numbered_headers(header for header in role.file.headers if header not in done).values():
        headers = list(numbered.values())
        is_asked_at_once = role.file.export is None or role.file.export.is_one_question(headers)
        if len(numbered) >= MIN_ITEMS and is_asked_at_once:
            return headers
    return []


def _list_series(role: TableRole, done: set[str]) -> list[tuple[str, list[str]]]:
    """Return numbered headers, such as items and checkboxes, with the canonical column that they can be part of.

    The last of `PHQ1` to `PHQ9` is an item, though it looks like the total.
    """
    series = []
    for numbered in list_numbered_headers(header for header in role.file.headers if header not in done).values():
        headers = [numbered[number] for number in sorted(numbered)]
        if role.file.export is not None and not role.file.export.is_one_question(headers):
            continue
        scores = [one for one in score_columns(role.table, role.file, headers) if one.score >= POSSIBLE]
        is_run = len(headers) >= MIN_ITEMS and 1 in numbered
        if scores and (is_run or (len(headers) >= MIN_SERIES and all(one.score < SAME for one in scores))):
            series.append((scores[0].column, headers))
    return series


def _list_dates(table: TableGuess) -> list[CellEvidence]:
    """Return the columns of dates of a table, without years of birth."""
    columns = list_columns(table.table)
    found = [
        table.role.file.get_evidence(one.header)
        for name, one in table.chosen.items()
        if (columns[name].kind == "date" or one.source == "birth_date") and not _has_known_form(table, one.header)
    ]
    return [evidence for evidence in found if evidence.date_forms]


def _has_known_form(table: TableGuess, header: str) -> bool:
    export = table.role.file.export
    return export is not None and export.find_date_form(header) is not None


def _settle_date_forms(tables: list[TableGuess], ask: Ask) -> None:
    """Settle the date form of each table; ask whether days or months come first where no file shows it.

    Other files of the clinic can show it. Where it is not known, the columns of dates are left out: a wrong order gives
    wrong days without an error.
    """
    evidences = [table.role.file.get_evidence(header) for table in tables for header in table.role.file.headers]
    shown = {evidence.date_forms[0] for evidence in evidences if len(evidence.date_forms) == 1}
    for table in tables:
        dates = _list_dates(table)
        unclear = [evidence for evidence in dates if len(evidence.date_forms) > 1]
        options = choose_date_form(dates) or choose_date_form(unclear) or (dates[0].date_forms if dates else ())
        shared = tuple(form for form in options if form in shown) or options
        if len(shared) < 2:
            table.form = shared[0] if shared else ""
            continue
        place = f"{table.role.file.place}, dates"
        answer = ask(Question(place, "In which form are the dates written?", shared, "the dates are left out"))
        if answer in shared:
            table.form = str(answer)
            shown.add(table.form)
            continue
        forms = {name: table.role.file.get_evidence(one.header).date_forms for name, one in table.chosen.items()}
        for name in [name for name in forms if len(forms[name]) > 1]:  # a date that shows its form is read
            if table.is_filled(name):
                continue
            one = table.chosen.pop(name)
            table.done.add(one.header)
            table.add(name, one.header, "left out", one.score, f"dates that are {' or '.join(shared)}")


def _start_section(table: TableGuess) -> dict[str, Any]:
    """Return the keys of a table above its columns: the file, how it is read, and words for a missing cell."""
    file, columns = table.role.file, list_columns(table.table)
    words: Counter[str] = Counter()
    for header in file.headers:
        words.update(file.get_evidence(header).refusals)
    limits = [one.header for name, one in table.chosen.items() if columns[name].is_limit]
    kept = {word for header in limits for word in file.get_evidence(header).refusals}  # there a word is no empty cell
    missing = sorted(word for word, count in words.items() if count >= MIN_ROWS_SHOWN and word not in kept)
    section: dict[str, Any] = file.section
    section |= {"dates": table.form} if table.form else {}
    section |= {"missing": missing} if missing else {}
    section |= {"join": list(file.joined)} if file.joined else {}
    table.add("file", "", "sure", 1.0, table.role.reason, file.name or file.keys["source"])
    return section


def _list_warnings(mapping: FirstMapping) -> list[str]:
    """Return a sentence for each reason why a header with a likely column was left out, with the headers."""
    by_reason: dict[str, list[str]] = {}
    for guess in mapping.guesses:
        if guess.state == "left out" and (guess.column or "session" in guess.reason):
            by_reason.setdefault(guess.reason, []).append(f"`{guess.header}` in {guess.file}")
    return [f"Left out: {', '.join(places)}: {reason}." for reason, places in by_reason.items()]
