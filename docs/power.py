"""What the verdict can find, and how often it errs: ``python -m docs.power`` writes the figures of ``docs/power.md``.

Name blocks to make them alone: ``table``, ``worlds``, ``null``, ``intervals``. All of them take about an hour.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.stats import binomtest

from attune_fit.data.clinic.instruments import INSTRUMENTS
from attune_fit.data.outcomes.early_alliance import compute_early_alliance
from attune_fit.data.synthetic.named_worlds import WORLDS
from attune_fit.data.synthetic.simulate import SimulatedClinic, simulate
from attune_fit.data.synthetic.world import World
from attune_fit.data.writing.atomic_write import write_atomically
from attune_fit.features.catalogue import FEATURES
from attune_fit.features.feature import Feature
from attune_fit.models.active_model import load_starting_model
from attune_fit.models.pair_effect_verdict import format_correlation
from attune_fit.models.trees import TreeHyperparameters
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.out_of_fold import predict_out_of_fold
from attune_fit.training.crossfit.pipeline import Recipe, crossfit_models
from attune_fit.training.crossfit.splits import split_records
from attune_fit.training.evaluation.permutation_test import PermutationTestResult, run_permutation_test
from attune_fit.training.evaluation.power import EFFECT_SIZES, compute_power, simulate_power
from attune_fit.training.evaluation.re_pairing import RePairingSample, build_re_pairing_sample, double_center
from attune_fit.training.fitting.tree_weight import choose_recipe
from docs.coverage import covered
from docs.tables import markdown

PAGE = Path(__file__).resolve().parent / "power.md"
PICTURE = PAGE.parent / "pictures" / "power.png"
SIZES, ROSTERS, PANELS = (100, 240, 300, 1_000, 3_000, 10_000), (3, 5, 10, 20, 40), 3
CASELOADS = 0.7  # SD of the log of a therapist's records in synthetic clinics
CLINICS, FROM = 200, 5_000  # clinics with nothing to find, and the first seed
FITS, RECORDS, EACH = (0.05, 0.08), (300, 1_000, 3_000), 40
RE_PAIRINGS = 200

NULL = {"dyad": 0.0, "fit": 0.0, "mix": "null"}
CROSSED = WORLDS["crossed"].build_world().replace(**NULL)
NULLS: dict[str, tuple[World, int, int]] = {  # world, clients, therapists
    "no pair suits better than another (`null`)": (WORLDS["null"].build_world(), 320, 30),
    "pairs differ, and no intake tells how (`chemistry`)": (WORLDS["chemistry"].build_world(), 320, 30),
    "therapists differ a lot (`therapist-only`)": (WORLDS["therapist-only"].build_world(), 320, 30),
    "three therapists each, by lot (`crossed`)": (CROSSED, 110, 20),
    "likewise, some 1,100 records": (CROSSED, 400, 30),
    "two each, as coordinators steer": (World(**NULL, therapists_each=2), 160, 20),
    "hard clients to strong therapists (`confounded`)": (WORLDS["confounded"].build_world().replace(**NULL), 320, 30),
    "clients choose by wish": (World(**NULL, meetings="wishes", self_selection=2.0), 320, 30),
    "four therapists": (WORLDS["null"].build_world(), 320, 4),
}
FREE = tuple(replace(row, spread=0.5) for row in FEATURES)  # as good as no prior


def panel(n: int, therapists: int, seed: int, quarters: int = 8) -> RePairingSample:
    """Who met whom in a clinic with caseloads as uneven as synthetic ones; nothing is said of them yet."""
    rng = np.random.default_rng(seed)
    weight = np.exp(rng.normal(0, CASELOADS, therapists))
    met = rng.choice(therapists, n, p=weight / weight.sum())
    return RePairingSample(np.arange(n), np.zeros(n), np.zeros(n), np.zeros((n, therapists)), np.arange(n), met,
                    rng.integers(0, quarters, n))  # fmt: skip


def found_in(n: int, therapists: int) -> np.ndarray:
    """Share of cases in which each of the effects is found, over a few panels."""
    some = (panel(n, therapists, seed) for seed in range(PANELS))
    shares = [[share for _, share in simulate_power(one, list(one.draw_re_pairings(0, RE_PAIRINGS)))] for one in some]
    return np.asarray(np.mean(shares, axis=0))


def table() -> str:
    """Power by records and effect, by records and therapists, and how far the formula is from it."""
    at = {(n, m): found_in(n, m) for m in ROSTERS for n in SIZES}
    picture(at)
    by_effect = [(f"{n:,}", *(f"{share:.0%}" for share in at[n, ROSTERS[-1]])) for n in SIZES]
    tenth = EFFECT_SIZES.index(0.10)
    by_roster = [(f"{n:,}", *(f"{at[n, m][tenth]:.0%}" for m in ROSTERS)) for n in SIZES]
    miss = {
        m: max(abs(at[n, m][k] - compute_power(n, r, m)) for n in SIZES for k, r in enumerate(EFFECT_SIZES))
        for m in ROSTERS
    }
    return (
        f"With {ROSTERS[-1]} therapists:\n\n"
        + markdown(("records", *(f"r = {format_correlation(r)}" for r in EFFECT_SIZES)), by_effect)
        + "\nAn effect of r = .10, by therapists:\n\n"
        + markdown(("records", *(str(m) for m in ROSTERS)), by_roster)
        + "\nLargest distance of the formula from these simulations, in points: "
        + ", ".join(f"{100 * miss[m]:.0f} with {m} therapists" for m in ROSTERS)
        + ".\n"
    )


def picture(at: dict[tuple[int, int], np.ndarray]) -> None:
    """Power by records: simulated as dots, the formula as lines."""
    import io

    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.6), layout="constrained")
    n = np.geomspace(SIZES[0], SIZES[-1], 80).astype(int)
    for axis, m in zip(figure.subplots(1, 2, sharey=True), (5, 40), strict=True):
        for k, r in enumerate(EFFECT_SIZES):
            colour = ("#9ecae1", "#4a98c9", "#1f5f8b", "#0b2f4a")[k]
            axis.plot(n, [compute_power(int(one), r, m) for one in n], color=colour, lw=1.5)
            axis.plot(
                SIZES, [at[size, m][k] for size in SIZES], "o", color=colour, ms=5, label=f"r = {format_correlation(r)}"
            )
        axis.set(xscale="log", title=f"{m} therapists", xlabel="outcome records", ylim=(-0.02, 1.02))
        axis.set_xticks(SIZES, [f"{size:,}" if size != 240 else "" for size in SIZES])
        axis.minorticks_off()
        axis.grid(alpha=0.25)
        axis.spines[["top", "right"]].set_visible(False)
    figure.axes[0].set_ylabel("share of cases in which it is found")
    figure.axes[1].legend(frameon=False, loc="lower right", title="pair effect")
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", dpi=110, metadata={"Software": None})
    write_atomically(PICTURE, drawn.getvalue())


def tried(
    made: SimulatedClinic, features: tuple[Feature, ...] = FEATURES, trees: bool = False
) -> tuple[PermutationTestResult, RePairingSample, TrainingDataset]:
    """A synthetic clinic's verdict, as training comes to it; without trees unless asked."""
    records = TrainingDataset.from_tables(
        made.tables, compute_early_alliance(made.tables, {row.name: row for row in INSTRUMENTS}), features
    )
    folds = split_records("client", records)
    begun = Recipe(
        start=load_starting_model().learned, prior=load_starting_model().evidence if features is FEATURES else None
    )
    recipe = choose_recipe(records, folds, begun, TreeHyperparameters())[0] if trees else replace(begun, start=None)
    models = crossfit_models(recipe, records, folds)
    met = build_re_pairing_sample(records, models, predict_out_of_fold(records, models))
    return found(met), met, records


def found(met: RePairingSample) -> PermutationTestResult:
    """Both conditions."""
    return run_permutation_test(
        met, met.centered_pair_part, met.residual[:, None], list(met.draw_re_pairings(0, RE_PAIRINGS))
    )


def null() -> str:
    """Claims in worlds with nothing to find."""
    rows = [_errors(name, world, clients, therapists) for name, (world, clients, therapists) in NULLS.items()]
    plain = WORLDS["null"].build_world(), 320, 30
    rows.append(_errors("`null`, with the trees that training decides on", *plain, trees=True))
    rows.append(_errors("`null`, weights as good as without a prior", *plain, features=FREE))
    return markdown(("nothing to find", "records", "claimed", "95%", "interval above 0", "interval below 0"), rows)


def _errors(
    name: str,
    world: World,
    clients: int,
    therapists: int,
    features: tuple[Feature, ...] = FEATURES,
    trees: bool = False,
) -> tuple[str, ...]:
    seen, size = [], []
    for seed in range(FROM, FROM + CLINICS):
        result, _, records = tried(simulate(clients, therapists, seed, world, waiting=0), features, trees)
        seen.append((bool(result.has_pair_effect[0]), result.r.low[0] > 0, result.r.high[0] < 0))
        size.append(len(records))
    claimed, above, below = np.sum(seen, axis=0)
    reach = binomtest(int(claimed), CLINICS).proportion_ci(method="exact")
    print(name, claimed, above, below, flush=True)
    return (name, f"{np.mean(size):.0f}", f"{claimed} of {CLINICS}", f"{reach.low:.1%} to {reach.high:.1%}",
            f"{above / CLINICS:.1%}", f"{below / CLINICS:.1%}")  # fmt: skip


def worlds() -> str:
    """What is found of the fit that was planted, by what is learned and by the truth itself."""
    return markdown(
        ("fit", "records", "truth: mean r", "found", "formula", "learned: mean r", "found"),
        list(_worlds()),
    )


def _worlds() -> Iterator[tuple[str, ...]]:
    for fit in FITS:
        for n in RECORDS:
            true, learned = [], []
            for seed in range(FROM, FROM + EACH):
                made = simulate(round(n * 1.025), 40, seed, World(fit=fit), waiting=0)
                result, met, records = tried(made)
                roster = np.unique(records.therapist)
                told = made.truth.compute_parts(met.client[:, None], roster[None, :]).fit
                ideal = found(replace(met, centered_pair_part=double_center(told)))
                true.append((ideal.r.value[0], bool(ideal.has_pair_effect[0])))
                learned.append((result.r.value[0], bool(result.has_pair_effect[0])))
            (r, share), (own, own_share) = np.mean(true, axis=0), np.mean(learned, axis=0)
            print(fit, n, r, share, own, own_share, flush=True)
            yield (
                f"{fit:.0%}",
                f"{n:,}",
                format_correlation(r),
                f"{share:.0%}",
                f"{compute_power(n, r, 40):.0%}",
                format_correlation(own),
                f"{own_share:.0%}",
            )


BLOCKS: dict[str, Callable[[], str]] = {"table": table, "worlds": worlds, "null": null, "intervals": covered}


def main() -> None:
    """Make the blocks that are named, or all."""
    for name in sys.argv[1:] or BLOCKS:
        made = BLOCKS[name]()
        text = PAGE.read_text(encoding="utf-8")
        block = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        write_atomically(PAGE, block.sub(lambda marks, made=made: f"{marks[1]}\n{made}\n{marks[2]}", text))
        print(f"{PAGE.name}: {name}")


if __name__ == "__main__":
    main()
