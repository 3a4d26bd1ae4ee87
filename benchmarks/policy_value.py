"""Measure the coverage of `attune policy-value`: ``python -m benchmarks.policy_value`` writes docs/policy-value.md.

Each synthetic clinic is drawn anew with the simulator's truth. Its lists have a random order inside bands, and its
coordinator chooses places with odds of this clinic alone. The true value of the first place is known. Results are kept
after each clinic in ``.cache/policy_value``; run it again to go on.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from attune_fit.training.evaluation.doubly_robust_value import PolicyValue, estimate_policy_value
from attune_fit.training.reporting.model_card import compute_wilson_interval
from attune_fit.workspace import Workspace
from benchmarks.policy_clinics import write_logged_clinic
from benchmarks.policy_worlds import Coordinator, ListWorld
from docs.tables import format_table

PAGE, KEPT = Path("docs/policy-value.md"), Path(".cache/policy_value")
COMMAND = "python -m benchmarks.policy_value"
N_CLINICS, N_WHOLE, N_TRUTH_DRAWS = 1_000, 36, 6
HEADERS = ("clinics", "answered", "coverage of the difference", "coverage of the first place", "bias, POMP",
           "SD of the estimate", "mean effective size")  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One kind of clinic."""

    name: str
    n_lists: int
    n_therapists: int
    weight: float = 1.0
    has_bands: bool = True
    knows_outcome: bool = True
    hidden: float = 0.0


ROWS = (
    Row("150 lists, 10 therapists", 150, 10),
    Row("300 lists, 20 therapists", 300, 20),
    Row("600 lists, 40 therapists", 600, 40),
    Row("300 lists, 20 therapists; the random order was not logged", 300, 20, has_bands=False),
    Row("300 lists, 20 therapists; the outcome model knows nothing", 300, 20, knows_outcome=False),
    Row("300 lists, 20 therapists; newcomers have weight 3", 300, 20, weight=3.0),
    Row("300 lists, 20 therapists; **choices also follow what no table holds**", 300, 20, hidden=0.7),
)


def draw_coordinator(rng: np.random.Generator, hidden: float = 0.0) -> Coordinator:
    """Draw how the coordinator of one clinic chooses places."""
    return Coordinator(rng.uniform(-2, 0), rng.uniform(0, 1.5), -rng.uniform(0.2, 1.0), rng.uniform(0, 1), hidden)


def run_clinic(seed: int) -> dict[str, dict[str, Any]]:
    """Return the result of each row in one clinic, by name; rows of the same size share the people."""
    worlds: dict[int, ListWorld] = {}
    results = {}
    for number, row in enumerate(ROWS):
        if row.n_therapists not in worlds:
            worlds[row.n_therapists] = ListWorld.draw(seed, row.n_therapists)
        world = replace(worlds[row.n_therapists], weight=row.weight)
        rng = np.random.default_rng((seed, number))
        how = draw_coordinator(rng, row.hidden)
        first, done = world.compute_values(how, rng, N_TRUTH_DRAWS)
        records, predictions = world.draw_records(
            row.n_lists, how, rng, has_bands=row.has_bands, knows_outcome=row.knows_outcome
        )
        value = estimate_policy_value(records, predictions.met, predictions.places)
        results[row.name] = describe_result(value, first, done)
    return results


def run_whole_clinic(seed: int) -> dict[str, dict[str, Any]]:
    """Return the result of the command on the files of one whole clinic."""
    how = draw_coordinator(np.random.default_rng((seed, 99)))
    with tempfile.TemporaryDirectory() as folder:
        made = write_logged_clinic(Path(folder) / "clinic", seed, 300, how=how)
        value = Workspace(made.folder).policy_value().result.value
    return {"whole clinics through the command, 300 lists": describe_result(value, made.first, made.done)}


def describe_result(value: PolicyValue, first: float, done: float) -> dict[str, Any]:
    """Return whether the intervals hold the true values, and the error of the estimate."""
    plain: dict[str, Any] = {"size": value.effective_size, "refusal": value.refusal}
    if value.gain is not None and value.policy is not None:
        plain["gain"] = value.gain.low <= first - done <= value.gain.high
        plain["policy"] = value.policy.low <= first <= value.policy.high
        plain["error"] = value.gain.value - (first - done)
    return plain


def run_or_read(name: str, runs: int, run: Callable[[int], dict[str, Any]]) -> list[dict[str, Any]]:
    """Run the clinics that are not kept yet; return all of them, by seed."""
    path = KEPT / f"{name}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = {one["seed"]: one["rows"] for one in map(json.loads, path.read_text().splitlines())} if path.exists() else {}
    for seed in range(runs):
        if seed in kept:
            continue
        kept[seed] = run(seed)
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"seed": seed, "rows": kept[seed]}, default=bool) + "\n")
        if (seed + 1) % 20 == 0:
            print(f"{name}: {seed + 1} of {runs}", flush=True)
    return [kept[seed] for seed in range(runs)]


def list_rows(clinics: Sequence[dict[str, Any]]) -> Iterable[tuple[str, ...]]:
    """Yield one line of the table for each kind of clinic."""
    for name in clinics[0]:
        results = [one[name] for one in clinics]
        answered = [one for one in results if "gain" in one]
        error = np.array([one["error"] for one in answered])
        yield (
            name, f"{len(answered):,} of {len(results):,}", *(format_coverage(answered, key) for key in
            ("gain", "policy")), f"{error.mean():+.2f} ± {error.std() / np.sqrt(len(error)):.2f}", f"{error.std():.2f}",
            f"{np.mean([one['size'] for one in results]):.0f}",
        )  # fmt: skip


def format_coverage(answered: Sequence[dict[str, Any]], key: str) -> str:
    """Return a coverage with the interval of its Monte Carlo error."""
    count = sum(one[key] for one in answered)
    low, high = compute_wilson_interval(count, len(answered))
    return f"{count / len(answered):.1%} [{low:.1%}, {high:.1%}]"


def main() -> None:
    """Measure every row, and write the table into the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=N_CLINICS, help="clinics drawn as arrays")
    parser.add_argument("--whole", type=int, default=N_WHOLE, help="whole clinics through the command; 0 for none")
    options = parser.parse_args()
    lines = list(list_rows(run_or_read("arrays", options.runs, run_clinic)))
    if options.whole:
        lines += list_rows(run_or_read("whole", options.whole, run_whole_clinic))
    table = format_table(HEADERS, lines)
    print(table)
    page = PAGE.read_text(encoding="utf-8")
    block = re.compile(r"<!-- coverage -->.*<!-- /coverage -->", re.DOTALL)
    PAGE.write_text(block.sub(lambda _: f"<!-- coverage -->\n\n{table}\n<!-- /coverage -->", page), encoding="utf-8")
    print(f"Written to {PAGE}.")


if __name__ == "__main__":
    main()
