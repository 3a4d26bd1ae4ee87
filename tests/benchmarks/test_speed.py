"""The benchmark of speed: sums, stored results and the page follow from measured figures."""

from __future__ import annotations

import doctest
import json
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from attune_fit.models.active_model import load_starting_model
from attune_fit.workspace import open_clinic
from benchmarks import growth, interactive, naive_ranking
from benchmarks.batch_rate import BATCH_OPTIONS, EVERY_PAIR, FIRST_TEN
from benchmarks.speed import __main__ as command
from benchmarks.speed import (
    earlier_version,
    huge_batch,
    part_results,
    process_tree,
    speed_clinics,
    speed_page,
    spreads,
)
from benchmarks.speed.aims import AIMS, compare_time_of_record, list_spreads
from benchmarks.speed.parts import PARTS, PARTS_BY_NAME, Results
from benchmarks.speed.speed_chart import draw_speed

N_CLIENTS, N_THERAPISTS, N_WAITING = 30, 8, 12


@pytest.fixture(scope="module")
def clinics(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache of clinics of its own."""
    return tmp_path_factory.mktemp("speed")


@pytest.fixture
def clinic(clinics: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(speed_clinics, "CACHE", clinics)
    return speed_clinics.find_clinic(N_CLIENTS, N_THERAPISTS, waiting=N_WAITING)


@pytest.mark.parametrize("module", [spreads, huge_batch])
def test_the_examples_of_sums(module: ModuleType) -> None:
    found = doctest.testmod(module)
    assert found.attempted
    assert not found.failed


def test_the_naive_script_ranks_the_whole_roster_by_its_trees(clinic: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(naive_ranking, "N_TRAINED_ON", 500)
    tables = open_clinic(clinic).tables
    ranker = naive_ranking.NaiveRanker(tables.clients, tables.therapists)
    client_id = tables.clients["client_id"].iloc[3]
    ranked = ranker.rank(client_id)
    assert sorted(ranked["therapist_id"]) == sorted(tables.therapists["therapist_id"])
    assert ranked["score"].is_monotonic_decreasing
    pairs = ranker.clients.iloc[3:4].merge(ranker.therapists, how="cross", suffixes=("", "_therapist"))
    features = naive_ranking.build_features(pairs)
    assert features.shape == (N_THERAPISTS, naive_ranking.N_FEATURES)
    hours = set(tables.clients["availability"].iloc[3].split("|"))
    shared = [len(hours.intersection(cell.split("|"))) for cell in tables.therapists["availability"].fillna("")]
    assert features["shared_hours"].tolist() == shared
    assert 0 < sum(shared) < N_THERAPISTS * len(hours)
    assert naive_ranking.measure_pairs_per_second(ranker, [client_id]) > 0


def test_a_turn_of_the_interactive_benchmark_ranks_and_logs_one_client(clinic: Path) -> None:
    lists = interactive.measure_interactive([clinic], turns=2, warm_up=1)[str(N_THERAPISTS)]
    assert {name: len(values) for name, values in lists.items()} == dict.fromkeys(interactive.KINDS, 2)
    assert min(lists["attune"] + lists["naive"] + lists["unlogged"]) > 0
    log = next((clinic / "artifacts").glob("*rank*"))
    assert len(log.read_text().splitlines()) == 3
    assert interactive.WAITING >= 2 * (interactive.TURNS + interactive.WARM_UP), "every turn needs another client"


def test_a_page_reads_every_reason_and_wish(clinic: Path) -> None:
    workspace = open_clinic(clinic)
    rankings = [workspace.rank(one).result for one in workspace.list_client_ids(waiting_only=True)]
    read = [interactive.read_page(ranking) for ranking in rankings]
    for number, ranking in zip(read, rankings, strict=True):
        shown = [one for one in ranking.candidates if one.position <= ranking.shortlist]
        texts = [[*one.reasons, *one.wishes, *filter(None, [one.caution])] for one in shown]
        others = len(ranking.group_exclusions()) + len(ranking.count_exclusions())
        assert number == sum(map(len, texts)) + others
    reasons = [len(one.reasons) for ranking in rankings for one in ranking.candidates]
    assert max(reasons, default=0) > 0


def test_additional_features_are_read_from_columns_of_both_tables(clinic: Path) -> None:
    assert clinic.exists()
    workspace = open_clinic(speed_clinics.find_clinic(20, 5, n_extra=3))
    assert len(workspace.model.features) == growth.N_FEATURES + 3
    assert len(load_starting_model().features) == growth.N_FEATURES
    assert workspace.rank(workspace.tables.clients["client_id"].iloc[0]).summary


def test_a_clinic_is_drawn_once_and_keeps_no_log(clinic: Path) -> None:
    (clinic / "artifacts").mkdir(exist_ok=True)
    (clinic / "artifacts" / "left.txt").write_text("from an earlier run")
    before = (clinic / "clients.csv").stat().st_mtime_ns
    assert speed_clinics.find_clinic(N_CLIENTS, N_THERAPISTS, waiting=N_WAITING) == clinic
    assert (clinic / "clients.csv").stat().st_mtime_ns == before
    assert not (clinic / "artifacts").exists()


def test_growth_is_the_median_of_runs_in_turns(clinic: Path) -> None:
    assert clinic.exists()
    order, seconds = [], iter([9.0, 1.0, 10.0, 3.0, 30.0])  # the first only imports

    def measure(folder: Path) -> float:
        order.append(folder.name)
        return next(seconds)

    series = growth.Series("waiting", measure, (10, 100), ((10, 4, 0), (12, 4, 0)))
    found = growth.measure_growth(lambda _: None, [series])["waiting"]
    assert found == {"sizes": [10.0, 100.0], "seconds": [2.0, 20.0]}
    assert order == ["10-4", *["10-4", "12-4"] * growth.RUNS]
    assert spreads.compute_slope(found["sizes"], found["seconds"]) == pytest.approx(1.0)


def test_every_series_names_a_clinic_for_each_size() -> None:
    for one in growth.SERIES:
        assert len(one.sizes) == len(one.clinics) >= 3
        varied = [len({clinic[place] for clinic in one.clinics}) for place in range(3)]
        assert sorted(varied) == [1, 1, len(one.sizes)], one.name


def build_results(factor: float = 1.0) -> Results:
    """Figures of every part; ``factor`` 1 meets every aim, 10 none."""
    runs = [1.0, 1.1, 0.9]
    slow = {"attune": [0.5 * factor * one for one in runs], "base": runs}

    def rank(seconds: float) -> dict[str, list[float]]:
        return {"attune": [seconds * one for one in runs], "unlogged": runs, "naive": runs, "candidates": [200.0] * 3}

    batch_runs = [{"rate": 3e6 / factor, "peak_mib": 500.0, "bytes": 2**20}] * 3
    memory = {"clients": [2_500.0, 40_000.0], "reading": [100.0, 150.0]}
    train = {"attune": [0.5 * factor], "base": [1.0], "attune_mib": [400.0], "base_mib": [500.0]}
    large = {"seconds": 600.0, "peak_mib": 900.0, "bytes": 2**24, "digest": "ab" * 32}
    return {
        "client": {"1000": rank(0.5 * factor), "10000": rank(5.0 * factor**2)},
        "cold": {**slow, "steps": {"read tables": runs}},
        "batch": {"n_pairs": 10**7, "naive": [1e5] * 3, "rows": {row.name: batch_runs for row in BATCH_OPTIONS}},
        "memory": {**memory, EVERY_PAIR.name: [200.0, 150 + 100 * factor], FIRST_TEN.name: [200.0, 150 + 90 * factor]},
        "placement": {"attune": [15 * factor] * 3, "base": [1.0] * 3, "peak_mib": [1_000.0 * factor]},
        "training": {"small": train, "middle": train, "large": {"attune": [9.0 * factor], "attune_mib": [900.0]}},
        "growth": {"batch, by clients": {"sizes": [10.0, 100.0], "seconds": [1.0, 10.0]}},
        "rates": {"rules": 5e7, "candidates": 1e6, "share": 0.02, "bytes_per_client": 100.0},
        "large": {"cores": 2, "2 processes": large, "local cluster, one worker killed": large},
    }


def test_every_aim_is_decided_by_its_median() -> None:
    assert all(spread is not None and aim.is_met(spread) for aim, spread in list_spreads(build_results()))
    assert not any(spread is None or aim.is_met(spread) for aim, spread in list_spreads(build_results(factor=10)))
    for aim, spread in list_spreads(build_results(factor=10)):
        assert spread is not None
        assert aim.compute_share(spread) > 1
        assert spread.low <= spread.median <= spread.high


def test_ratios_are_of_runs_in_the_same_turn() -> None:
    results = build_results()
    results["client"]["1000"] = {"attune": [1.0, 8.0, 3.0], "naive": [2.0, 4.0, 3.0]}
    aim, spread = list_spreads(results)[0]
    assert spread == spreads.Spread(1.0, 0.75, 1.5)
    assert not aim.is_met(spreads.Spread(1.01, 0.5, 2.0))


def test_the_page_lists_every_aim_and_part() -> None:
    page = speed_page.format_page(build_results(), frozenset())
    assert page.count("| yes |") == len(AIMS)
    assert "not measured" not in page
    for title, _ in speed_page.SECTIONS.values():
        assert f"\n## {title}\n" in page
    assert "| 0.500 × | at most 1.00 × | yes |" in page
    assert "batch, by clients | 10 · 100 | 1.00 · 10.0 | 1.00 |" in page
    assert speed_page.OLD_NOTE not in page
    assert "(earlier code)" not in page
    assert str(Path.home()) not in page


def test_what_was_not_measured_is_no_aim_met() -> None:
    results: dict[str, Any] = {"client": build_results()["client"]}
    page = speed_page.format_page(results, frozenset({"client"}))
    assert page.count("not measured") == len(AIMS) - 2
    assert page.count("| yes (earlier code) |") == 2
    assert speed_page.OLD_NOTE in page
    assert "## A batch" not in page
    assert "**no**" in speed_page.format_page(build_results(factor=10), frozenset())


def test_the_sums_for_a_network_follow_from_the_rates() -> None:
    page = speed_page.format_page(build_results(), frozenset())
    assert "| rules, every pair | 10,000,000,000 | 50,000,000 | 0.0556 |" in page
    assert "| everything else, candidates | 200,000,000 | 1,000,000 | 0.0556 |" in page
    assert "Two cores take 0.0556 hours, and 32 cores 0.208 minutes." in page
    assert "The naive script would take 27.8 core hours." in page


def test_the_picture_is_drawn_for_all_results_and_for_a_few() -> None:
    results = build_results()
    for some in (results, {"client": results["client"]}):
        assert draw_speed(some, speed_page.list_growth(some)).startswith(b"\x89PNG")
    assert set(speed_page.list_growth(results)) == {"batch, by clients", "one client, by therapists"}


def test_a_result_is_old_when_the_code_is_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert part_results.read_results(tmp_path) == ({}, frozenset())
    for name in ("client", "growth"):
        part_results.store_result(PARTS_BY_NAME[name], {"figure": 1.5}, tmp_path)
    assert part_results.read_results(tmp_path) == ({"client": {"figure": 1.5}, "growth": {"figure": 1.5}}, frozenset())
    stored = json.loads((tmp_path / "client.json").read_text())
    (tmp_path / "client.json").write_text(json.dumps({**stored, "version": "0" * 16}))
    assert part_results.read_results(tmp_path)[1] == {"client"}
    monkeypatch.setattr(part_results, "compute_package_digest", lambda: "of other sources")
    assert part_results.read_results(tmp_path)[1] == {"client", "growth"}


def test_every_part_names_sources_that_are_there() -> None:
    for part in PARTS:
        assert len(part_results.compute_part_version(part)) == 16


def test_only_what_is_named_or_missing_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    names = {part.name for part in PARTS if part.is_default}
    found: Results = {name: {} for name in names - {"growth"}}
    monkeypatch.setattr(command, "read_results", lambda: (found, frozenset({"batch"})))
    assert {part.name for part in command.choose_parts([])} == {"growth", "batch"}
    assert [part.name for part in command.choose_parts(["large", "client"])] == ["large", "client"]


def test_the_page_and_its_picture_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "read_results", lambda: (build_results(), frozenset()))
    command.write_page(tmp_path / "speed.md")
    assert (tmp_path / "speed.md").read_text(encoding="utf-8").startswith("# Speed\n")
    assert (tmp_path / "pictures" / "speed.png").stat().st_size > 10_000


def test_slopes_of_noise_free_powers() -> None:
    sizes = np.array([10.0, 100.0, 1_000.0])
    for power in (0.0, 0.5, 1.0, 2.0):
        assert spreads.compute_slope(list(sizes), list(3 * sizes**power)) == pytest.approx(power)


def test_the_earlier_version_is_the_package_of_its_commit(tmp_path: Path) -> None:
    if not (earlier_version.HOME / ".git").exists():
        pytest.skip("not a git checkout")
    with pytest.raises(RuntimeError, match="taken from git"):
        earlier_version.find_earlier_version("0" * 40, tmp_path)
    if subprocess.run(
        ["git", "cat-file", "-e", earlier_version.EARLIER_COMMIT], cwd=earlier_version.HOME, check=False
    ).returncode:
        pytest.skip("a checkout without its history")
    path = earlier_version.find_earlier_version(cache=tmp_path)
    program = "import attune_fit, attune_fit.app.cli as cli; print(attune_fit.__file__, cli.__file__, sep='\\n')"
    command = [*earlier_version.EARLIER[:2], "-c", program]
    cost = process_tree.measure_command(command, folder=tmp_path, environment={"PYTHONPATH": str(path)})
    assert all(line.startswith(str(path)) for line in cost.output.splitlines()), cost.output
    assert earlier_version.find_earlier_version(cache=tmp_path) == path


def test_both_versions_train_without_a_bundle(clinic: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, bool]] = []

    def run(command: list[str], folder: Path, environment: dict[str, str]) -> process_tree.CommandCost:
        seen.append((environment.get("PYTHONPATH", ""), (folder / "artifacts").exists()))
        (folder / "artifacts").mkdir()
        return process_tree.CommandCost(1.0 + len(seen), 100.0 * len(seen), 0, "")

    monkeypatch.setattr(earlier_version, "measure_command", run)
    monkeypatch.setattr(earlier_version, "find_earlier_version", lambda: Path("/earlier"))
    found = earlier_version.compare_trainings(clinic, 2, lambda _: None)
    assert seen == [("", False), ("/earlier", False)] * 2
    assert found == {"attune": [2.0, 4.0], "attune_mib": [100.0, 300.0], "base": [3.0, 5.0], "base_mib": [200.0, 400.0]}
    assert not (clinic / "artifacts").exists()
    alone = earlier_version.compare_trainings(clinic, 1, lambda _: None, has_base=False)
    assert alone == {"attune": [6.0], "attune_mib": [500.0]}


def test_a_record_of_many_is_compared_with_a_record_of_the_earlier_version() -> None:
    figures = {"large": {"attune": [30.0]}, "middle": {"base": [4.0]}}
    assert compare_time_of_record(figures) == pytest.approx([0.75])
    page = speed_page.format_page(build_results(), frozenset())
    assert "| 300 | 0.500 | 1.00 | 0.500 × | 400 | 500 |" in page
    assert "| 300,000 | 9.00 |  | not run | 900 |  |" in page
