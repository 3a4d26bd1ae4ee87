"""Measure the calibration and the AUC of dropout on synthetic clinics: ``python -m benchmarks.dropout_calibration``.

In the informative worlds, clients with a weaker alliance drop out more often: by the published d = .55, or by twice as
much. In the null world dropout is independent of everything. Each clinic's model is compared with the true probability
of dropout of new clients with every therapist. Results are kept in a file, so a stopped run goes on where it stopped.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import logit
from threadpoolctl import threadpool_limits

from attune_fit.data.arrays import Floats
from attune_fit.data.synthetic.sessions import compute_dropout_probability
from attune_fit.data.synthetic.simulate import SimulatedClinic, simulate
from attune_fit.data.synthetic.world import World
from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.features.pair_frame import PairFrame
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.models.active_model import load_starting_model
from attune_fit.models.dropout_model import DropoutModel
from attune_fit.models.feature_migration import migrate_model
from attune_fit.models.feature_scales import fill_scales
from attune_fit.training.evaluation.dropout_check import fit_recalibration
from attune_fit.training.fitting.fit_dropout import fit_dropout

WORLDS = {"independent": 0.0, "published": 0.55, "strong": 1.1}  # d of alliance between those who stay and leave
SIZES, CLINICS, THERAPISTS, WAITING, FIRST_SEED = (300, 1_000, 3_000), 16, 40, 400, 7_000
RESULTS = Path(".cache/dropout_calibration.jsonl")
PAGE = Path("docs/dropout.md")
COLUMNS = (  # head, measure, format
    ("calibration slope", "fitted_slope", ".2f"), ("SD of predicted log-odds", "fitted_sd", ".3f"),
    ("error of level, percentage points", "fitted_level_points", "+.1f"), ("AUC", "fitted_auc", ".3f"),
    ("AUC of the client's part", "fitted_client_auc", ".3f"), ("highest possible AUC", "oracle_auc", ".3f"),
    ("published odds: slope", "published_slope", ".2f"), ("AUC", "published_auc", ".3f"),
    ("held-out slope", "check_slope", ".2f"), ("held-out AUC", "check_auc", ".3f"),
)  # fmt: skip
START, END = "<!-- results -->", "<!-- end of results -->"


def main() -> None:
    """Measure what is missing from the results file, and print the tables; ``--write`` puts them on the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clinics", type=int, default=CLINICS)
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    kept = _read_results()
    for seed in range(FIRST_SEED, FIRST_SEED + options.clinics):
        for world in WORLDS:
            for size in options.sizes:
                if (world, size, seed) not in kept:
                    with threadpool_limits(limits=1):
                        kept[world, size, seed] = measure_clinic(world, size, seed)
                    _append_result({"world": world, "size": size, "seed": seed, **kept[world, size, seed]})
    text = format_results(kept)
    print(text)
    if options.write:
        before, rest = PAGE.read_text(encoding="utf-8").split(START)
        PAGE.write_text(f"{before}{START}\n\n{text}\n{END}{rest.split(END)[1]}", encoding="utf-8")


def measure_clinic(world: str, size: int, seed: int) -> dict[str, float]:
    """Return the measures of one clinic with ``size`` clients in its records."""
    clinic = simulate(size + WAITING, THERAPISTS, seed, world=World(dropout_d=WORLDS[world]), waiting=WAITING)
    tables, starting = clinic.tables, load_starting_model()
    model = migrate_model(starting, fill_scales(FEATURES, Sides(tables)))
    dropout = fit_dropout(tables, model.evidence, model.features, seed)
    published = DropoutModel.from_published(model.evidence, model.features)
    waiting = np.flatnonzero(~tables.clients["client_id"].isin(list(tables.met_client_ids))).astype(np.intp)
    pairs = Pairs.cross(Sides(tables), waiting)
    truth, frame = compute_true_probability(clinic, pairs), PairFrame.from_pairs(pairs, model.features)
    measures = {}
    for name, one in (("fitted", dropout), ("published", published)):
        if one is not None:
            measures |= {f"{name}_{key}": value for key, value in _compare(one, pairs, frame, truth).items()}
    check = {} if dropout is None or dropout.check is None else dropout.check._asdict()
    return {**measures, "oracle_auc": compute_true_auc(truth, truth), "spread": float(logit(truth).std()),
            **{f"check_{key}": value for key, value in check.items()}}  # fmt: skip


def compute_true_probability(clinic: SimulatedClinic, pairs: Pairs) -> Floats:
    """Return the true probability of dropout of each pair, without the unobserved pair effect."""
    parts, world = clinic.truth.compute_parts(pairs.client_rows, pairs.therapist_rows), clinic.truth.world
    return compute_dropout_probability(world, parts.client + parts.therapist + parts.fit, world.chemistry)


def _compare(dropout: DropoutModel, pairs: Pairs, frame: PairFrame, truth: Floats) -> dict[str, float]:
    """Compare predictions with the truth: slope, level, spread and AUC."""
    found = dropout.compute_probabilities(pairs, frame, 0.9)
    log_odds = logit(found.probability).ravel()
    (_, slope), _ = fit_recalibration(truth.ravel(), log_odds - log_odds.mean())
    return {
        "slope": float(slope),
        "level_points": 100 * float(found.probability.mean() - truth.mean()),
        "sd": float(log_odds.std()),
        "auc": compute_true_auc(truth, found.probability),
        "client_auc": compute_true_auc(truth, found.of_client),
    }


def compute_true_auc(truth: Floats, predicted: Floats) -> float:
    """Return the AUC that predictions have for outcomes with these true probabilities: no outcome is drawn."""
    _, group = np.unique(predicted.ravel(), return_inverse=True)
    events, others = (np.bincount(group, weights=one.ravel()) for one in (truth, 1 - truth))
    below = np.concatenate([[0.0], np.cumsum(others)[:-1]])
    return float((events * (below + others / 2)).sum() / (events.sum() * others.sum()))


def format_results(kept: Mapping[tuple[str, int, int], dict[str, float]]) -> str:
    """Return two tables in Markdown: means over clinics with their 95% intervals."""
    rows = pd.DataFrame([{"world": key[0], "size": key[1], **measures} for key, measures in kept.items()])
    heads = ("dropout", "clients", "clinics", *(head for head, _, _ in COLUMNS))
    lines = ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    for world, size in ((world, size) for world in WORLDS for size in sorted(rows["size"].unique())):
        cell = rows[(rows["world"] == world) & (rows["size"] == size)]
        values = [_format_mean(cell[name], form) for _, name, form in COLUMNS]
        lines.append("| " + " | ".join([world, f"{size:,}", str(len(cell)), *values]) + " |")
    return "\n".join(lines) + "\n"


def _format_mean(values: pd.Series, form: str) -> str:
    known = values.dropna()
    if len(known) < 2:
        return "not measured"
    half_width = 1.96 * known.std() / np.sqrt(len(known))
    return f"{known.mean():{form}} ± {half_width:{form.replace('+', '')}}"


def _read_results() -> dict[tuple[str, int, int], dict[str, float]]:
    """Read the measures of earlier runs, by world, size and seed."""
    if not RESULTS.exists():
        return {}
    rows: Iterator[dict[str, Any]] = map(json.loads, RESULTS.read_text(encoding="utf-8").splitlines())
    return {(row.pop("world"), row.pop("size"), row.pop("seed")): row for row in rows}


def _append_result(row: Mapping[str, Any]) -> None:
    RESULTS.parent.mkdir(exist_ok=True)
    with RESULTS.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main()
