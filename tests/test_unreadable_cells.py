"""What restricts never fails open: an unreadable cell in place of a readable one never adds a candidate."""

from __future__ import annotations

import itertools
import tempfile
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.columns import COLUMNS
from attune_fit.data.faults import DataFault
from attune_fit.data.reading.read_clinic import read_tables
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.matching.eligibility.eligibility import EligibilityResult
from attune_fit.matching.ranking.scored_roster import RosterScorer
from tests.data.reading.clinic_files import ClinicFiles, Rows, build_rows, list_places
from tests.matching.builders import published

IdPairs = frozenset[tuple[str, str]]

# A code that `codes` lists is readable, any other is not.
LISTED = {
    "clients": {
        "region": ("north", "south"),
        "payer": ("plan a", "public"),
        "languages": ("english", "spanish"),
        "formats": ("video", "in person"),
        "availability": ("mon-am", "tue-pm", "fri-am"),
        "presenting_problems": ("grief", "anxiety", "eating"),
    },
    "therapists": {
        "licensed_regions": ("north", "south"),
        "payers": ("plan a", "public"),
        "languages": ("english", "spanish"),
        "formats": ("video", "in person"),
        "availability": ("mon-am", "tue-pm", "fri-am"),
        "problems_not_taken": ("grief", "anxiety", "eating"),
        "gender": ("woman", "man"),
        "religion": ("none", "jewish"),
        "orientations": ("cbt", "systemic"),
    },
}
ANYONE = {  # a client and a therapist whom nothing excludes; every other person differs in one cell
    "clients": {
        "age": "40", "region": "north", "payer": "plan a", "languages": "english", "formats": "video",
        "availability": "mon-am", "presenting_problems": "grief",
    },
    "therapists": {
        "licensed_regions": "north|south", "payers": "plan a|public", "languages": "english|spanish",
        "formats": "video|in person", "availability": "mon-am|tue-pm|fri-am", "age_groups": "", "open_slots": "2",
        "problems_not_taken": "", "updated_on": "2026-05-20", "gender": "woman", "religion": "none",
        "orientations": "cbt|systemic", "years_experience": "12",
    },
}  # fmt: skip
CLIENTS = {
    "c1": {}, "c2": {"region": "south"}, "c3": {"age": "70"}, "c4": {"presenting_problems": "anxiety|eating"},
    "c5": {"payer": "public"}, "c6": {"languages": "spanish"}, "c7": {"formats": "in person"},
    "c8": {"availability": "tue-pm|fri-am"}, "c9": {},
}  # fmt: skip
THERAPISTS = {
    "t1": {}, "t2": {"licensed_regions": "north"}, "t3": {"payers": "public"}, "t4": {"languages": "spanish"},
    "t5": {"formats": "in person"}, "t6": {"availability": "fri-am"}, "t7": {"age_groups": "18-64|0-17"},
    "t8": {"problems_not_taken": "grief"}, "t9": {"open_slots": "0"}, "t10": {"open_slots": "1"},
    "t11": {"updated_on": "2025-01-05"}, "t12": {"gender": "man"}, "t13": {"religion": "jewish"},
    "t14": {"orientations": "cbt"}, "t15": {"years_experience": "3"},
}  # fmt: skip


def list_texts(table: str, name: str) -> tuple[str, ...]:
    """Return what makes a cell of a column unreadable, in whole or in part."""
    return (*UNREADABLE, *PARTLY, *(MISSING_WORDS if (table, name) in LIMITS else ()))


def build_people(table: str, people: dict[str, dict[str, str]]) -> Rows:
    """Return the rows of people who differ in one cell from :data:`ANYONE`."""
    usual = ANYONE[table]
    return build_rows({
        f"{table[:-1]}_id": list(people),
        **{name: [own.get(name, cell) for own in people.values()] for name, cell in usual.items()},
    })  # fmt: skip


FILES = ClinicFiles(
    {
        "clients": build_people("clients", CLIENTS),
        "therapists": build_people("therapists", THERAPISTS),
        "preferences": build_rows({
            "client_id": ["c1", "c2", "c3", "c4", "c5", "c6"],
            "attribute": ["gender", "religion", "orientations", "years_experience", "gender", "orientations"],
            "value": ["woman", "jewish", "systemic", ">=5", "man", "cbt"],
            "strength": ["must", "never", "must", "must", "never", "avoid"],
        }),
        "outcomes": build_rows({
            "client_id": ["c9", "c8"],
            "therapist_id": ["t10", "t1"],
            "session": ["1", "2"],
            "measured_on": ["2026-05-25", "2026-05-30"],
            "instrument": ["WAI-SR", "WAI-SR"],
            "rater": ["client", "therapist"],
            "score": ["4", "3"],
        }),
        "conflicts": build_rows({"client_id": ["c9", "c1"], "therapist_id": ["t1", "t13"]}),
    }
)  # fmt: skip
RESTRICTING = [
    *((column.table, column.name) for column in COLUMNS if column.rule or column.is_limit),
    ("preferences", "client_id"),
    ("conflicts", "client_id"),
    ("conflicts", "therapist_id"),
    *(("therapists", name) for name in ("gender", "religion", "orientations", "years_experience")),  # wishes read them
]
PLACES = list_places(FILES, RESTRICTING)
LIMITS = {(column.table, column.name) for column in COLUMNS if column.is_limit}
RULES_OFF = ("", "roster_age", "open_slots", "age_group", "payer")  # "" for none; those that are off restrict no pair
UNREADABLE = ("q?", "ask her", "12abc", "mon-am; tue-pm; q", "n.n.", "0x1", "1,5,2", "5/2026", "\u00bf", "woman / man")
MISSING_WORDS = ("??", "-", "#N/A", "unknown")  # elsewhere an empty cell, but unreadable where empty means "no limit"
GROUPS = 3  # of the cells of a column: a person whose cell cannot be read shares no pair with another one
PARTLY = ("|q?", "; q?", "|ask her", ", q?")  # ends of a cell of which the beginning can be read


def build_toml(off: str = "") -> str:
    """Return a `clinic.toml` that lists every code, with one rule switched off."""
    parts = [FILES.toml, f"[rules.{off}]\non = false\n" if off else ""]
    for table, columns in LISTED.items():
        parts.append(f"[tables.{table}.columns]\n")
        for name, codes in columns.items():
            listed = ", ".join(f'"{code}" = "{code}"' for code in codes)
            parts.append(f'{name} = {{ from = "{name}", codes = {{ {listed} }} }}\n')
    return "".join(parts)


def read_candidates(files: ClinicFiles) -> IdPairs:
    """Return the pairs that no rule excludes, as a ranking finds them; none where reading stops."""
    with tempfile.TemporaryDirectory() as folder:
        clinic = Clinic.open(files.write(Path(folder) / "clinic"))
        try:
            tables = read_tables(clinic)
        except DataFault:
            return frozenset()
    rules = RosterScorer.from_clinic(published(), clinic, tables, 0).rules
    is_eligible = EligibilityResult.from_rules(Pairs.cross(Sides(tables)), rules).is_eligible
    clients, therapists = tables.clients["client_id"], tables.therapists["therapist_id"]
    return frozenset(
        (str(client), str(therapist))
        for row, client in enumerate(clients)
        for column, therapist in enumerate(therapists)
        if is_eligible[row, column]
    )


@cache
def read_first_candidates(off: str) -> IdPairs:
    """Return the candidates of the clinic before any cell is spoiled."""
    files = FILES.copy()
    files.toml = build_toml(off)
    return read_candidates(files)


def find_name(place: tuple[str, int, int]) -> tuple[str, str]:
    """Return the table and the header of a cell."""
    table, _, column = place
    return table, FILES.tables[table][0][column]


def spoil(off: str, changes: dict[tuple[str, int, int], str]) -> IdPairs:
    """Return the candidates after some cells cannot be read any more."""
    files = FILES.copy()
    files.toml = build_toml(off)
    for (table, row, column), text in changes.items():
        cells = files.tables[table][row]
        cells[column] = f"{cells[column]}{text}" if text in PARTLY else text
    return read_candidates(files)


RULE_NAMES = sorted({column.rule for column in COLUMNS} - {""} | {"must", "never", "conflict"})


@pytest.mark.parametrize("rule", RULE_NAMES)
def test_each_rule_alone_excludes_a_pair_of_this_clinic(rule: str) -> None:
    """Otherwise the tests below could not see that the rule fails open."""
    assert read_first_candidates(rule) > read_first_candidates("")


@st.composite
def draw_changes(draw: st.DrawFn) -> dict[tuple[str, int, int], str]:
    """Draw up to three cells and the texts that replace or follow them."""
    places = draw(st.lists(st.sampled_from(PLACES), min_size=1, max_size=3, unique=True))
    return {place: draw(st.sampled_from(list_texts(*find_name(place)))) for place in places}


@settings(deadline=None, max_examples=15)
@given(off=st.sampled_from(RULES_OFF), changes=draw_changes())
def test_an_unreadable_cell_never_adds_a_candidate(off: str, changes: dict[tuple[str, int, int], str]) -> None:
    assert spoil(off, changes) <= read_first_candidates(off)


@pytest.mark.slow
@pytest.mark.parametrize("name", RESTRICTING, ids="-".join)
def test_no_unreadable_cell_of_a_column_adds_a_candidate(name: tuple[str, str]) -> None:
    """Each text spoils every cell of the column, a third of them at a time; one of them spoils each cell alone."""
    places, texts = list_places(FILES, [name]), list_texts(*name)
    alone = [{place: text} for place, text in zip(places, itertools.cycle(texts), strict=False)]
    together = [dict.fromkeys(places[start::GROUPS], text) for start in range(GROUPS) for text in texts]
    for changes in alone + together:
        assert spoil("", changes) <= read_first_candidates(""), changes
