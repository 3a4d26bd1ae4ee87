"""Test the library of published hypotheses in worlds whose answer is known: ``docs/known-answers.md``.

The true effect of a hypothesis comes from a large clinic of the same world: its term is tested on the true fit of each
pair, or the true part of its therapist, without noise. Finished clinics are kept in ``.cache/known-answers.jsonl``: run
the command again to continue.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.instruments import list_instruments
from attune_fit.data.clinic.settings import Config
from attune_fit.data.clinic.tables import Tables
from attune_fit.data.synthetic.world import World
from attune_fit.simulation import SimulatedWorld, simulate
from attune_fit.training.hypotheses.conclusion import SUPPORTED
from attune_fit.training.hypotheses.effect_estimates import estimate_effect
from attune_fit.training.hypotheses.hypothesis import Hypothesis
from attune_fit.training.hypotheses.hypothesis_library import list_library
from attune_fit.training.hypotheses.hypothesis_test import run_hypothesis_test
from attune_fit.training.hypotheses.lab_records import build_lab_records
from docs.tables import format_table

PAGE = Path("docs/known-answers.md")
CACHE = Path(".cache/known-answers.jsonl")
COMMAND = "python -m benchmarks.known_answers"
FIT = 0.15  # share of alliance variance that the one mechanism of a world carries
WORLDS = {  # each with one mechanism, the same at every clinic
    "null": World(dyad=0.0, fit=0.0, mix="null", effect_spread=0.0),
    "style": World(mix="style", fit=FIT, effect_spread=0.0),
    "complementarity": World(mix="complementarity", fit=FIT, effect_spread=0.0),
    "problems": World(mix="problems", fit=FIT, effect_spread=0.0),
    "attachment": World(mix="attachment", fit=FIT, effect_spread=0.0),
}
OWN_COLUMNS = ("faith_importance", "gender_importance", "background_importance")
CLIENTS, THERAPISTS = 2_000, 60
TRUTH_CLIENTS, TRUTH_THERAPISTS, TRUTH_SEED = 5_000, 400, 990_001
CLINICS, DRAWS = 20, 199
SMALL, CLEAR = 0.02, 0.05  # a true effect below is none; one above is an effect
Row = tuple[str, ...]


@dataclass(frozen=True)
class AnsweredClaim:
    """The answer to one hypothesis at one clinic of a world; ``estimate`` in SD of the outcome per SD of the term."""

    world: str
    seed: int
    name: str
    verdict: str
    estimate: float


def open_simulated() -> Clinic:
    """Return the settings and the instruments of a simulated clinic, without files."""
    return Clinic(Path(), Config(), list_instruments(()))


def add_own_columns(tables: Tables, seed: int) -> Tables:
    """Return the tables with the columns of the library's files that a clinic adds itself: 0 to 10, at random."""
    rng = np.random.default_rng(seed)
    columns = {name: rng.integers(0, 11, len(tables.clients)).astype(float) for name in OWN_COLUMNS}
    return replace(tables, clients=tables.clients.assign(**columns))


def compute_true_effect(made: SimulatedWorld, clinic: Clinic, tables: Tables, hypothesis: Hypothesis) -> float:
    """Compute the effect of a term in SD of the rating per SD of the term; NaN for ``dropout``, which has no truth."""
    if hypothesis.outcome == "dropout":
        return float("nan")
    records = build_lab_records(clinic, tables, hypothesis)
    parts = made.truth.compute_parts(records.client, records.therapist)
    true = parts.therapist if hypothesis.kind == "trait" else parts.fit
    total = sum(parts)
    points = np.cov(records.y, total)[0, 1] / np.var(total, ddof=1)  # POMP for one SD of the truth, below the ceiling
    if not true.std():
        return 0.0
    return float(estimate_effect(replace(records, y=np.asarray(true))).estimate * true.std() * points / records.y.std())


def measure_truth(world: str) -> dict[str, float]:
    """Return the true effect of each hypothesis of the library in one world."""
    made = simulate(TRUTH_CLIENTS, TRUTH_THERAPISTS, TRUTH_SEED, WORLDS[world])
    clinic, tables = open_simulated(), add_own_columns(made.tables, TRUTH_SEED)
    return {one.name: compute_true_effect(made, clinic, tables, one) for one in list_library()}


def answer_claims(world: str, seed: int) -> Iterator[AnsweredClaim]:
    """Test the library at one clinic."""
    made = simulate(CLIENTS, THERAPISTS, seed, WORLDS[world])
    clinic, tables = open_simulated(), add_own_columns(made.tables, seed)
    for one in list_library():
        found = run_hypothesis_test(clinic, tables, one, draws=DRAWS)
        yield AnsweredClaim(world, seed, one.name, found.verdict, float(found.effect.estimate))


def is_claimed_direction(hypothesis: Hypothesis, true: float) -> bool:
    """Return whether a true effect is clear, and in the direction of the claim."""
    return abs(true) >= CLEAR and hypothesis.direction in ("both", "+" if true > 0 else "-")


def list_answer_rows(truth: Mapping[str, Mapping[str, float]], answers: list[AnsweredClaim]) -> Iterator[Row]:
    """Yield one row for each hypothesis: in each world the true effect, and how often the claim was supported."""
    for one in list_library():
        cells = []
        for world in truth:
            verdicts = [row.verdict for row in answers if (row.world, row.name) == (world, one.name)]
            true = truth[world][one.name]
            mark = "**" if is_claimed_direction(one, true) else ""
            known = "unknown" if np.isnan(true) else f"{mark}{true:+.2f}{mark}"
            cells.append(f"{known}: {sum(verdict == SUPPORTED for verdict in verdicts)} of {len(verdicts)}")
        yield (f"`{one.name}`", one.direction, *cells)


def count_supported(
    truth: Mapping[str, Mapping[str, float]], answers: list[AnsweredClaim]
) -> tuple[int, int, int, int]:
    """Count the supported claims, and all, where the claim is true; then the same where there is no effect."""
    library = {one.name: one for one in list_library()}
    right = [row for row in answers if is_claimed_direction(library[row.name], truth[row.world][row.name])]
    none = [row for row in answers if abs(truth[row.world][row.name]) < SMALL]
    hits, alarms = (sum(row.verdict == SUPPORTED for row in rows) for rows in (right, none))
    return hits, len(right), alarms, len(none)


def format_page(truth: Mapping[str, Mapping[str, float]], answers: list[AnsweredClaim]) -> str:
    """Format the page as Markdown."""
    hits, n_right, alarms, n_none = count_supported(truth, answers)
    table = format_table(("hypothesis", "claim", *truth), list_answer_rows(truth, answers))
    return f"""# Published hypotheses where the answer is known

Written by `{COMMAND}`, from simulated clinics of {CLIENTS:,} clients and {THERAPISTS} therapists. No real person is in
them.

`attune hypothesis library` lists the hypotheses. In each world one mechanism makes pairs fit, with {FIT:.0%} of the
variance of alliance; in `null` there is none. A cell has the true effect (SD of the outcome for one SD of the term),
then how many tests supported the claim. Bold: the claim is true, with an effect of at least {CLEAR:g}.

- Where the claim is true, {hits} of {n_right} tests support it.
- Where there is no effect (below {SMALL:g}), {alarms} of {n_none} tests support a claim.

{table}
No pair has a true dropout, so claims about dropout have no known effect, and count in neither line. Of a response
surface, the true effect is that of its product term.
"""


def read_cache() -> dict[str, list[AnsweredClaim]]:
    """Return the finished clinics, by world and seed."""
    lines = CACHE.read_text(encoding="utf-8").splitlines() if CACHE.exists() else []
    return {key: [AnsweredClaim(**row) for row in rows] for key, rows in map(json.loads, lines)}


def take_answers(world: str, seed: int) -> list[AnsweredClaim]:
    """Return the answers at a finished clinic; test the library and keep them if it is not finished."""
    key, done = f"{world} {seed} {CLIENTS} {THERAPISTS}", read_cache()
    if key not in done:
        done[key] = list(answer_claims(world, seed))
        CACHE.parent.mkdir(exist_ok=True)
        with CACHE.open("a", encoding="utf-8") as file:
            file.write(json.dumps([key, [asdict(row) for row in done[key]]]) + "\n")
    return done[key]


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=CLINICS, help="clinics of each world")
    runs = parser.parse_args().runs
    truth = {world: measure_truth(world) for world in WORLDS}
    answers = []
    for seed in range(1, runs + 1):
        for world in WORLDS:
            answers += take_answers(world, seed)
            print(f"{world} {seed} of {runs}", flush=True)
    PAGE.write_text(format_page(truth, answers), encoding="utf-8")
    print(PAGE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
