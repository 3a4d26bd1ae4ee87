"""Measure power and error rate of the verdict: ``python -m docs.power`` writes the figures of ``docs/power.md``.

Arguments select blocks: ``table``, ``worlds``, ``null``, ``trials``, ``intervals``. Each of ``null`` and ``trials``
takes about an hour, the others together another one. ``null`` and ``trials`` keep each finished clinic in
``.cache/power``. An interrupted run goes on where it stopped; a change of the code starts anew.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from scipy.stats import binomtest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.instruments import INSTRUMENTS, list_instruments
from attune_fit.data.clinic.settings import Config
from attune_fit.data.outcomes.early_alliance import compute_early_alliance
from attune_fit.data.storage.atomic_write import write_atomically
from attune_fit.data.synthetic.named_worlds import WORLDS
from attune_fit.data.synthetic.simulate import SimulatedClinic, simulate
from attune_fit.data.synthetic.world import World
from attune_fit.features.feature import Feature
from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.models.active_model import load_starting_model
from attune_fit.models.pair_effect_verdict import format_correlation
from attune_fit.models.trees import TreeHyperparameters
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.double_centering import double_center
from attune_fit.training.crossfit.out_of_fold import predict_out_of_fold
from attune_fit.training.crossfit.pipeline import Recipe, crossfit_models
from attune_fit.training.crossfit.splits import Fold, split_records
from attune_fit.training.crossfit.variance_choice import choose_variances
from attune_fit.training.evaluation.learned_gain import compute_learned_gain
from attune_fit.training.evaluation.permutation_test import PermutationTestResult, run_permutation_test
from attune_fit.training.evaluation.power import EFFECT_SIZES, compute_power, simulate_power
from attune_fit.training.evaluation.re_pairing import RePairingSample, build_re_pairing_sample
from attune_fit.training.fitting.crossfit_recipe import build_starting_weights_recipe
from attune_fit.training.fitting.fit_model import fit_clinic_model
from attune_fit.training.methods.tree_weight import choose_recipe
from attune_fit.training.promotion.source_digest import compute_code_version
from docs.interval_coverage import format_coverage_table
from docs.tables import format_table

PAGE = Path(__file__).resolve().parent / "power.md"
PICTURE = PAGE.parent / "pictures" / "power.png"
SIZES, ROSTERS, PANELS = (100, 240, 300, 1_000, 3_000, 10_000), (3, 5, 10, 20, 40), 3
CASELOADS = 0.7  # SD of the log of a therapist's number of records in synthetic clinics
CLINICS, FIRST_SEED = 200, 5_000  # clinics without a pair effect in each row, and the first seed
TRIAL_CLINICS, TRIALS = 100, 5  # clinics with trees tuned by Optuna, and trials of each
FINISHED = Path(__file__).resolve().parent.parent / ".cache" / "power"
FITS, RECORDS, CLINICS_PER_ROW = (0.05, 0.08), (300, 1_000, 3_000), 40
RE_PAIRINGS = 200

NO_PAIR_EFFECT: dict[str, Any] = {"dyad": 0.0, "fit": 0.0, "mix": "null"}
CROSSED_NULL_WORLD = WORLDS["crossed"].build_world().replace(**NO_PAIR_EFFECT)
NULL_WORLDS: dict[str, tuple[World, int, int]] = {  # world, clients, therapists
    "no pair effects (`null`)": (WORLDS["null"].build_world(), 320, 30),
    "pair effects that no feature predicts (`chemistry`)": (WORLDS["chemistry"].build_world(), 320, 30),
    "large therapist effects only (`therapist-only`)": (WORLDS["therapist-only"].build_world(), 320, 30),
    "three random therapists for each client (`crossed`)": (CROSSED_NULL_WORLD, 110, 20),
    "the same with about 1,100 records": (CROSSED_NULL_WORLD, 400, 30),
    "two therapists for each client, chosen by coordinators": (World(**NO_PAIR_EFFECT, therapists_each=2), 160, 20),
    "difficult clients to strong therapists (`confounded`)": (
        WORLDS["confounded"].build_world().replace(**NO_PAIR_EFFECT),
        320,
        30,
    ),
    "clients choose by their wishes": (World(**NO_PAIR_EFFECT, meetings="wishes", self_selection=2.0), 320, 30),
    "four therapists": (WORLDS["null"].build_world(), 320, 4),
}
ERROR_HEADS = ("world without a pair effect", "records", "claimed", "95%", "interval above 0", "interval below 0")
WEAK_PRIOR_FEATURES = tuple(replace(row, spread=0.5) for row in FEATURES)  # almost no prior


def draw_panel(n: int, therapists: int, seed: int, quarters: int = 8) -> RePairingSample:
    """Draw the pairs of a clinic, with uneven caseloads as in synthetic clinics, and without predictions yet."""
    rng = np.random.default_rng(seed)
    weight = np.exp(rng.normal(0, CASELOADS, therapists))
    therapist = rng.choice(therapists, n, p=weight / weight.sum())
    return RePairingSample(np.arange(n), np.zeros(n), np.zeros(n), np.zeros((n, therapists)), np.arange(n), therapist,
                           rng.integers(0, quarters, n))  # fmt: skip


def simulate_shares_found(n: int, therapists: int) -> np.ndarray:
    """Return the share of cases in which each effect size is found, as a mean over a few panels."""
    panels = (draw_panel(n, therapists, seed) for seed in range(PANELS))
    shares = [
        [share for _, share in simulate_power(panel, list(panel.draw_re_pairings(0, RE_PAIRINGS)))] for panel in panels
    ]
    return np.asarray(np.mean(shares, axis=0))


def format_power_table() -> str:
    """Format power by records and effect, power by records and therapists, and the largest error of the formula."""
    shares = {(n, m): simulate_shares_found(n, m) for m in ROSTERS for n in SIZES}
    draw_power_chart(shares)
    by_effect = [(f"{n:,}", *(f"{share:.0%}" for share in shares[n, ROSTERS[-1]])) for n in SIZES]
    tenth = EFFECT_SIZES.index(0.10)
    by_roster = [(f"{n:,}", *(f"{shares[n, m][tenth]:.0%}" for m in ROSTERS)) for n in SIZES]
    errors = {
        m: max(abs(shares[n, m][k] - compute_power(n, r, m)) for n in SIZES for k, r in enumerate(EFFECT_SIZES))
        for m in ROSTERS
    }
    return (
        f"With {ROSTERS[-1]} therapists:\n\n"
        + format_table(("records", *(f"r = {format_correlation(r)}" for r in EFFECT_SIZES)), by_effect)
        + "\nAn effect of r = .10, by therapists:\n\n"
        + format_table(("records", *(str(m) for m in ROSTERS)), by_roster)
        + "\nLargest difference between the formula and these simulations, in percentage points: "
        + ", ".join(f"{100 * errors[m]:.0f} with {m} therapists" for m in ROSTERS)
        + ".\n"
    )


def draw_power_chart(shares: dict[tuple[int, int], np.ndarray]) -> None:
    """Draw power by records: simulations as dots, the formula as lines."""
    import io

    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.6), layout="constrained")
    n = np.geomspace(SIZES[0], SIZES[-1], 80).astype(int)
    for axis, m in zip(figure.subplots(1, 2, sharey=True), (5, 40), strict=True):
        for k, r in enumerate(EFFECT_SIZES):
            colour = ("#9ecae1", "#4a98c9", "#1f5f8b", "#0b2f4a")[k]
            axis.plot(n, [compute_power(int(records), r, m) for records in n], color=colour, lw=1.5)
            axis.plot(
                SIZES,
                [shares[size, m][k] for size in SIZES],
                "o",
                color=colour,
                ms=5,
                label=f"r = {format_correlation(r)}",
            )
        axis.set(xscale="log", title=f"{m} therapists", xlabel="outcome records", ylim=(-0.02, 1.02))
        axis.set_xticks(SIZES, [f"{size:,}" if size != 240 else "" for size in SIZES])
        axis.minorticks_off()
        axis.grid(alpha=0.25)
        axis.spines[["top", "right"]].set_visible(False)
    figure.axes[0].set_ylabel("share of cases in which it is found")
    figure.axes[1].legend(frameon=False, loc="lower right", title="pair effect")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110, metadata={"Software": None})
    write_atomically(PICTURE, buffer.getvalue())


def measure_verdict(
    clinic: SimulatedClinic, features: tuple[Feature, ...] = FEATURES, trees: bool = False
) -> tuple[PermutationTestResult, RePairingSample, TrainingDataset]:
    """Measure the verdict of a synthetic clinic as training does; without trees by default."""
    records = TrainingDataset.from_tables(
        clinic.tables, compute_early_alliance(clinic.tables, {row.name: row for row in INSTRUMENTS}), features
    )
    folds = split_records("client", records)
    start = Recipe(prior=load_starting_model().evidence if features is FEATURES else None)
    start = choose_variances(records, np.arange(len(records)), start)
    recipes = choose_recipe(records, folds, start, TreeHyperparameters()) if trees else (start, start)
    starting = _build_sample(build_starting_weights_recipe(recipes[0], start, records), records, folds)
    tested = []
    for recipe in dict.fromkeys(recipes):
        sample = _build_sample(recipe, records, folds)
        gain = compute_learned_gain(sample, starting, len(records))
        if gain is not None and gain[2] < 0:  # the starting weights rank, so the verdict is theirs
            return run_test(starting), starting, records
        tested.append((run_test(sample), sample, records))
        if tested[0][0].has_pair_effect[0]:
            break  # no fallback is needed
    return tested[0]


def _build_sample(recipe: Recipe, records: TrainingDataset, folds: list[Fold]) -> RePairingSample:
    models = crossfit_models(recipe, records, folds)
    return build_re_pairing_sample(records, models, predict_out_of_fold(records, models))


def run_test(sample: RePairingSample) -> PermutationTestResult:
    """Test both conditions of the verdict."""
    return run_permutation_test(
        sample, sample.centered_pair_part, sample.residual[:, None], list(sample.draw_re_pairings(0, RE_PAIRINGS))
    )


def format_null_table() -> str:
    """Format the rate of claims in worlds without a pair effect (type I errors)."""
    rows = [
        _list_error_cells(name, world, clients, therapists)
        for name, (world, clients, therapists) in NULL_WORLDS.items()
    ]
    null_world = WORLDS["null"].build_world(), 320, 30
    rows.append(_list_error_cells("`null`, with trees if training uses them", *null_world, trees=True))
    rows.append(
        _list_error_cells("`null`, almost without a prior on weights", *null_world, features=WEAK_PRIOR_FEATURES)
    )
    return format_table(ERROR_HEADS, rows)


def _list_error_cells(
    name: str,
    world: World,
    clients: int,
    therapists: int,
    features: tuple[Feature, ...] = FEATURES,
    trees: bool = False,
) -> tuple[str, ...]:
    def measure(seed: int) -> list[float]:
        result, _, records = measure_verdict(simulate(clients, therapists, seed, world, waiting=0), features, trees)
        return [float(result.has_pair_effect[0]), float(result.r.low[0]), float(result.r.high[0]), len(records)]

    return _format_error_cells(name, _measure_clinics(f"{name} {clients} {therapists}", CLINICS, measure))


def _measure_clinics(name: str, clinics: int, measure: Callable[[int], list[float]]) -> np.ndarray:
    """Return the figures of each clinic, (clinics, figures); an earlier run of this code may have finished some."""
    digest = hashlib.sha256(f"{compute_code_version()} {name}".encode()).hexdigest()[:16]
    path = FINISHED / f"{digest}.json"
    finished: dict[str, list[float]] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for seed in range(FIRST_SEED, FIRST_SEED + clinics):
        if str(seed) not in finished:
            finished[str(seed)] = measure(seed)
            FINISHED.mkdir(parents=True, exist_ok=True)
            write_atomically(path, json.dumps(finished))
    return np.array([finished[str(seed)] for seed in range(FIRST_SEED, FIRST_SEED + clinics)])


def _format_error_cells(name: str, figures: np.ndarray) -> tuple[str, ...]:
    """Return the cells of one row from each clinic's claim, low and high end of the interval, and number of records."""
    clinics = len(figures)
    claimed, above, below = int(figures[:, 0].sum()), (figures[:, 1] > 0).mean(), (figures[:, 2] < 0).mean()
    interval = binomtest(claimed, clinics).proportion_ci(method="exact")
    print(name, claimed, above, below, flush=True)
    ends = f"{interval.low:.1%} to {interval.high:.1%}"
    return name, f"{figures[:, 3].mean():.0f}", f"{claimed} of {clinics}", ends, f"{above:.1%}", f"{below:.1%}"


def format_trials_table() -> str:
    """Format the rate of claims of a whole training in the world without an effect, with trees tuned by Optuna."""
    world, clients, therapists = NULL_WORLDS["no pair effects (`null`)"]
    config = Config()

    def measure(seed: int) -> list[float]:
        with TemporaryDirectory() as folder:
            clinic = Clinic(Path(folder), config, list_instruments(config.instruments))
            clinic.artifacts.mkdir(exist_ok=True)
            tables = simulate(clients, therapists, seed, world, waiting=0).tables
            verdict = fit_clinic_model(clinic, tables, seed, trials=TRIALS).model.verdict
        ends = (np.nan, np.nan) if verdict.low is None or verdict.high is None else (verdict.low, verdict.high)
        return [float(verdict.kind == "adds"), *ends, float(verdict.n)]

    name = f"`null`, `attune train --trials {TRIALS}`"
    return format_table(ERROR_HEADS, [_format_error_cells(name, _measure_clinics(name, TRIAL_CLINICS, measure))])


def format_learned_table() -> str:
    """Format how often planted fit is found, by the learned pair part and by the truth itself."""
    return format_table(
        ("fit", "records", "truth: mean r", "found", "formula", "learned: mean r", "found"),
        list(_list_learned_rows()),
    )


def _list_learned_rows() -> Iterator[tuple[str, ...]]:
    for fit in FITS:
        for n in RECORDS:
            oracle_results, learned_results = [], []
            for seed in range(FIRST_SEED, FIRST_SEED + CLINICS_PER_ROW):
                clinic = simulate(round(n * 1.025), 40, seed, World(fit=fit), waiting=0)
                result, sample, records = measure_verdict(clinic)
                roster = np.unique(records.therapist)
                true_fit = clinic.truth.compute_parts(sample.client[:, None], roster[None, :]).fit
                oracle = run_test(replace(sample, centered_pair_part=double_center(true_fit)))
                oracle_results.append((oracle.r.value[0], bool(oracle.has_pair_effect[0])))
                learned_results.append((result.r.value[0], bool(result.has_pair_effect[0])))
            (r, share), (learned_r, learned_share) = np.mean(oracle_results, axis=0), np.mean(learned_results, axis=0)
            print(fit, n, r, share, learned_r, learned_share, flush=True)
            yield (
                f"{fit:.0%}",
                f"{n:,}",
                format_correlation(r),
                f"{share:.0%}",
                f"{compute_power(n, r, 40):.0%}",
                format_correlation(learned_r),
                f"{learned_share:.0%}",
            )


BLOCKS: dict[str, Callable[[], str]] = {
    "table": format_power_table,
    "worlds": format_learned_table,
    "null": format_null_table,
    "trials": format_trials_table,
    "intervals": format_coverage_table,
}


def main() -> None:
    """Write the blocks named on the command line, or all of them."""
    for name in sys.argv[1:] or BLOCKS:
        content = BLOCKS[name]()
        text = PAGE.read_text(encoding="utf-8")
        start, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        before, rest = text.split(start, 1)
        after = rest[rest.index(end) :]
        write_atomically(PAGE, f"{before}{start}\n{content}\n{after}")
        print(f"{PAGE.name}: {name}")


if __name__ == "__main__":
    main()
