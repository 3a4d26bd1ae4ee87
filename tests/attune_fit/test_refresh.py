"""An open clinic notices every change before the next verb, reads again only what changed, and else answers at once."""

from __future__ import annotations

import datetime as dt
import gc
import threading
import time
import weakref
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import attune_fit as af
from attune_fit import config_checks
from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.journal import current_tables
from attune_fit.data.journal.applying import apply_events as applying
from attune_fit.data.journal.database import journal_queries
from attune_fit.data.journal.journal_access import open_journal
from attune_fit.data.reading import read_clinic
from attune_fit.data.storage import file_watch
from attune_fit.matching.ranking.scored_roster import RosterScorer
from attune_fit.models import active_model
from tests.attune_fit.changing_clinic import CHANGES, ChangingClinic, find_pointer, make_changing_clinic, show

STEPS: dict[str, tuple[Any, str]] = {  # each step of the reading, by the name of its function
    "open": (Clinic, "open"),
    "read_tables": (read_clinic, "read_tables"),
    "read_journal_events": (current_tables, "read_journal_events"),
    "apply_events": (applying, "apply_events"),
    "find_config_faults": (config_checks, "find_config_faults"),
    "adapt_to_clinic": (active_model, "adapt_to_clinic"),
    "from_clinic": (RosterScorer, "from_clinic"),
}
FROM_EXPORT = {"read_tables", "apply_events", "from_clinic"}
FROM_PEOPLE = {"find_config_faults", "adapt_to_clinic"}


@pytest.fixture
def clinic(tmp_path: Path) -> ChangingClinic:
    """A small clinic without artifacts."""
    return make_changing_clinic(tmp_path / "clinic")


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each step of the reading was done."""
    done: Counter[str] = Counter()

    def count(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **kwargs: Any) -> Any:
            done[name] += 1
            return function(*args, **kwargs)

        return run

    for name, (owner, attribute) in STEPS.items():
        counted = count(name, getattr(owner, attribute))
        monkeypatch.setattr(owner, attribute, staticmethod(counted) if isinstance(owner, type) else counted)
    return done


@pytest.mark.parametrize(("change", "found"), CHANGES.values(), ids=CHANGES)
def test_each_kind_of_change_is_noticed_and_answered_as_by_a_clinic_opened_now(
    change: Callable[[ChangingClinic], object], found: tuple[str, ...], clinic: ChangingClinic
) -> None:
    workspace = clinic.open()
    before = show(workspace)
    change(clinic)
    now = show(af.Workspace(clinic.folder))
    assert now != before
    assert show(workspace) == now
    assert workspace.refresh() == ()


@pytest.mark.parametrize(("change", "found"), CHANGES.values(), ids=CHANGES)
def test_a_refresh_names_what_changed(
    change: Callable[[ChangingClinic], object], found: tuple[str, ...], clinic: ChangingClinic
) -> None:
    workspace = clinic.open()
    assert set(workspace.refresh()) <= {"journal_events"}  # which has no state to compare with yet
    change(clinic)
    assert set(workspace.refresh()) == set(found)
    assert workspace.refresh() == ()


def test_without_a_change_nothing_is_read_again(clinic: ChangingClinic, steps: Counter[str]) -> None:
    clinic.record()
    workspace = clinic.open()
    workspace.refresh()
    steps.clear()
    objects = workspace.tables, workspace.model, workspace.get_scorer(), workspace.get_scorer(3)
    steps.clear()
    for verb in (workspace.rank_waiting, workspace.follow_up, workspace.journal, workspace.check, workspace.capacity):
        verb()
    workspace.rank("ann", seed=3)
    assert steps == Counter()
    assert (workspace.tables, workspace.model, workspace.get_scorer(), workspace.get_scorer(3)) == objects


@pytest.mark.parametrize("name", ["clients.csv", "outcomes.csv", "clinic.toml", "spoken.csv"])
def test_a_file_that_was_only_written_again_is_not_read_again(
    name: str, clinic: ChangingClinic, steps: Counter[str]
) -> None:
    workspace = clinic.open()
    steps.clear()
    clinic.touch(name)
    workspace.rank("ann")
    assert steps == Counter()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("a client's cell", FROM_EXPORT | FROM_PEOPLE),
        ("a wish", FROM_EXPORT | FROM_PEOPLE),
        ("a setting", {"open", "read_journal_events", *FROM_EXPORT, *FROM_PEOPLE}),
        ("an event", {"read_journal_events", "apply_events", "from_clinic"}),
        ("a client of the journal", {"read_journal_events", "apply_events", "from_clinic"} | FROM_PEOPLE),
        ("another live model", {"adapt_to_clinic", "from_clinic"}),
    ],
)
def test_only_what_the_change_touches_is_done_again_and_once(
    change: str, expected: set[str], clinic: ChangingClinic, steps: Counter[str]
) -> None:
    workspace = clinic.open()
    workspace.refresh()
    CHANGES[change][0](clinic)
    steps.clear()
    workspace.rank("ann")
    workspace.rank("ben")
    assert steps == Counter(expected)


def test_frames_that_an_event_does_not_change_are_the_same_objects(clinic: ChangingClinic) -> None:
    workspace = clinic.open()
    before, model = workspace.tables, workspace.model
    workspace.record("offered", client="cat", therapist="tom")
    workspace.rank("ann")
    names = ("clients", "therapists", "preferences", "outcomes", "conflicts")
    assert all(getattr(workspace.tables, name) is getattr(before, name) for name in names)
    assert workspace.tables.pair_states != before.pair_states
    assert workspace.model is model


def test_equal_tables_of_another_reading_are_the_tables_before(clinic: ChangingClinic, steps: Counter[str]) -> None:
    workspace = clinic.open()
    tables, scorer = workspace.tables, workspace.get_scorer()
    steps.clear()
    clinic.put("readme.txt", "not a table")
    workspace.rank("ann")
    assert steps == Counter({"open": 1, "read_tables": 1})
    assert workspace.tables is tables
    assert workspace.get_scorer() is scorer


def test_a_half_written_file_is_an_error_until_it_is_whole(clinic: ChangingClinic, steps: Counter[str]) -> None:
    workspace = clinic.open()
    before, content = show(workspace), (clinic.folder / "clients.csv").read_bytes()
    clinic.put("clients.csv", b"client_id,age\nann,34\nann")
    for _ in range(2):  # never the tables of before, and never the rows that are there
        with pytest.raises(af.DataFault):
            workspace.rank("ann")
    clinic.put("clients.csv", content)
    steps.clear()
    assert show(workspace) == before
    assert steps["read_tables"] == 1
    assert not {"open", "adapt_to_clinic", "find_config_faults"} & steps.keys()


def test_a_file_that_is_half_written_when_it_is_read_is_read_again(
    clinic: ChangingClinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, content = show(clinic.open()), (clinic.folder / "outcomes.csv").read_bytes()
    read = read_clinic.read_tables

    def read_in_between(*args: Any) -> Any:
        monkeypatch.setattr(read_clinic, "read_tables", read)
        clinic.put("outcomes.csv", content[:-1].rpartition(b"\n")[0])
        time.sleep(0.02)  # longer than a step of the clock
        try:
            return read(*args)
        finally:
            clinic.put("outcomes.csv", content)

    monkeypatch.setattr(file_watch, "STEP_SECONDS", 1e9)  # as if each file was written just now
    monkeypatch.setattr(read_clinic, "read_tables", read_in_between)
    workspace = af.open_clinic(clinic.folder)
    assert len(workspace.tables.outcomes) == 1
    assert show(workspace) == before


def test_what_changes_while_another_file_is_wrong_is_noticed_too(clinic: ChangingClinic) -> None:
    workspace, name = clinic.open(), clinic.save_bundle()
    content = (clinic.folder / "clients.csv").read_bytes()
    clinic.put("clients.csv", b"client_id,age\nann,34\nann")
    with pytest.raises(af.DataFault):
        workspace.rank("ann")
    clinic.activate(name)
    with pytest.raises(af.DataFault):
        workspace.rank("ann")
    clinic.put("clients.csv", content)
    assert show(workspace) == show(af.Workspace(clinic.folder))
    assert workspace.model.bundle == name


def test_a_config_with_an_error_is_an_error_until_it_is_corrected(clinic: ChangingClinic) -> None:
    workspace = clinic.open()
    before, content = show(workspace), (clinic.folder / "clinic.toml").read_bytes()
    clinic.add("\n[settings\n")
    for verb in (workspace.rank_waiting, workspace.journal, workspace.models, workspace.follow_up):
        with pytest.raises(af.DataFault):
            verb()
    clinic.change("clients.csv", "ann,34", "ann,35")
    clinic.put("clinic.toml", content)
    assert show(workspace) == show(af.Workspace(clinic.folder)) != before


def test_a_damaged_bundle_stops_what_needs_the_model_and_nothing_else(clinic: ChangingClinic) -> None:
    name = clinic.save_bundle()
    clinic.activate(name)
    workspace = clinic.open()
    assert workspace.model.bundle == name
    clinic.damage_bundle(name)
    for _ in range(2):
        with pytest.raises(af.DataFault, match="has changed since it was written"):
            workspace.rank("ann")
    workspace.follow_up()
    find_pointer(clinic).unlink()
    assert show(workspace) == show(af.Workspace(clinic.folder))
    find_pointer(clinic).symlink_to("nowhere")  # a lost link is no absent pointer
    with pytest.raises(af.DataFault):
        workspace.rank("ann")


def test_a_model_that_another_session_promotes_or_rolls_back_is_used(clinic: ChangingClinic) -> None:
    workspace, other = clinic.open(), clinic.open()
    name = clinic.save_bundle()
    other.promote(name, "measured elsewhere")
    workspace.rank("ann")
    assert workspace.model.bundle == other.model.bundle == name
    workspace.rollback("tried")
    other.rank("ann")
    assert other.model.bundle == workspace.model.bundle != name


def test_a_person_whom_another_session_forgets_is_forgotten(clinic: ChangingClinic) -> None:
    clinic.record("client_added", client="eve", cells={"age": 30})
    workspace = clinic.open()
    workspace.rank("eve")
    open_journal(Clinic.open(clinic.folder)).forget("client", "eve")
    with pytest.raises(af.DataFault, match="no row has the id"):
        workspace.rank("eve")
    assert show(workspace) == show(af.Workspace(clinic.folder))


def test_a_journal_that_is_lost_is_an_error_and_a_restored_one_is_read(clinic: ChangingClinic) -> None:
    clinic.record()
    workspace = clinic.open()
    workspace.rank("ann", log=True)  # the log names the event
    before, path = show(workspace), clinic.folder / "artifacts/journal.db"
    content = path.read_bytes()
    path.unlink()
    for _ in range(2):
        with pytest.raises(af.DataFault, match="the journal is not there"):
            workspace.rank("ann")
    path.write_bytes(content)
    assert show(workspace) == before


def test_the_next_day_is_noticed(clinic: ChangingClinic, monkeypatch: pytest.MonkeyPatch) -> None:
    clinic.drop("clinic.toml").drop("spoken.csv")
    workspace = clinic.open()
    today = workspace.tables.as_of
    workspace.record("offered", client="cat", therapist="tom", until=today)
    assert workspace.list_client_ids(waiting_only=True) == []
    tomorrow = today + dt.timedelta(days=1)
    while workspace.refresh():
        pass
    monkeypatch.setattr("attune_fit.data.clinic.clinic_day.find_today", lambda *_: tomorrow)
    assert workspace.rank_waiting().to_dict()[0]["client_id"] == "cat"  # the offer has expired
    assert workspace.tables.as_of == tomorrow
    assert show(workspace) == show(af.Workspace(clinic.folder))


def test_the_clinic_after_an_event_never_changes(clinic: ChangingClinic, steps: Counter[str]) -> None:
    clinic.record()
    clinic.record("accepted", client="cat", therapist="tom")
    then = af.open_clinic(clinic.folder, 1)
    before = show(then)
    clinic.change("clients.csv", "ann,34", "ann,35").drop("outcomes.csv").add("\n[settings]\nseed = 7\n")
    clinic.record("declined", client="cat", therapist="tom", by="client", reason="no-answer")
    steps.clear()
    assert then.refresh() == ()
    assert show(then) == before
    assert steps == Counter()


def test_an_event_of_this_session_is_shown_without_reading_it_again(
    clinic: ChangingClinic, steps: Counter[str]
) -> None:
    workspace = clinic.open()
    workspace.record("offered", client="cat", therapist="tom")
    workspace.rank("ann")
    steps.clear()
    workspace.record("accepted", client="cat", therapist="tom")
    workspace.rank("ann")
    assert {name: steps[name] for name in ("open", "read_tables", "apply_events", "adapt_to_clinic")} == {
        "open": 0, "read_tables": 0, "apply_events": 1, "adapt_to_clinic": 0
    }  # fmt: skip
    assert show(workspace) == show(af.Workspace(clinic.folder))


def test_what_was_read_before_is_given_back(clinic: ChangingClinic) -> None:
    workspace = clinic.open()
    before = [weakref.ref(one) for one in (workspace.tables.clients, workspace.tables, workspace.get_scorer())]
    clinic.change("clients.csv", "ann,34", "ann,35")
    workspace.rank("ann")
    gc.collect()
    assert [one() for one in before] == [None] * 3


def test_an_event_is_seen_only_once_it_is_recorded(clinic: ChangingClinic, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = clinic.open()
    seen: list[int] = []
    add = journal_queries.add_events

    def look_before(*args: Any) -> None:
        with ThreadPoolExecutor(1) as pool:
            seen.append(pool.submit(lambda: workspace.tables.last_event).result())
        add(*args)

    monkeypatch.setattr("attune_fit.data.journal.database.journal_store.add_events", look_before)
    workspace.record("offered", client="cat", therapist="tom")
    assert (seen, workspace.tables.last_event) == ([0], 1)


def test_two_threads_get_whole_results_while_the_clinic_changes(clinic: ChangingClinic) -> None:
    workspace = clinic.open()
    texts = [f"ann,{age}," for age in (34, 64)]
    expected, found, stop = [], list[Any](), threading.Event()
    for text in texts:
        clinic.change("clients.csv", "ann,34,", text)
        expected.append(af.open_clinic(clinic.folder).rank("ann").to_dict())
        clinic.change("clients.csv", text, "ann,34,")
    assert expected[0] != expected[1]

    def rank() -> None:
        while not stop.is_set():
            found.append(workspace.rank("ann").to_dict())

    path = clinic.folder / "clients.csv"
    content = path.read_text()
    with ThreadPoolExecutor(2) as pool:
        running = [pool.submit(rank) for _ in range(2)]
        for turn in range(10):
            path.with_suffix(".new").write_text(content.replace(texts[0], texts[turn % 2]))
            path.with_suffix(".new").replace(path)
            while found[-1:] != [expected[turn % 2]] and not any(one.done() for one in running):
                time.sleep(0.01)
        stop.set()
        for one in running:
            one.result()
    assert all(result in expected for result in found)


def test_what_a_verb_shows_does_not_change_while_it_runs(clinic: ChangingClinic) -> None:
    workspace = clinic.open()
    ages: list[Any] = []

    def change(_: str) -> None:  # called at the steps of a verb
        clinic.change("clients.csv", "ann,34", "ann,35")
        assert workspace.refresh() == ()
        ages.append(workspace.tables.clients.set_index("client_id")["age"]["ann"])

    workspace.report_progress = change
    workspace.relax("ben")
    workspace.report_progress = lambda _: None
    workspace.rank("ann")
    ages.append(workspace.tables.clients.set_index("client_id")["age"]["ann"])
    assert ages == [34, 35]
