"""Measure what each feature family adds to the score: ``python -m benchmarks.learning.family_ablation``.

Each row leaves the weights of one family out of the fitted linear layer, or keeps those of the wishes alone. A family
that carries no fit in a mix is noise there: without it, the share of the oracle's gain rises. No clinic knows its mix.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Floats
from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.features.pair_frame import fill_unknown
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.training.crossfit.out_of_fold import count_net_honoured_wishes
from benchmarks.learning.clinic_makers import draw_clinic
from benchmarks.learning.method_inputs import MethodInputs
from benchmarks.learning.score_variants import fit_linear_layer, score_new_clients

MAKER, MIX, SIZES, CLINICS, FIRST_SEED = "simulated", "wishes", (0, 100, 300), 24, 40
FAMILIES = ("style", "wishes", "problems", "attachment", "practical", "therapist")
WHOLE = "whole score"


def compute_family_parts(inputs: MethodInputs, model: AllianceModel) -> dict[str, Floats]:
    """Compute what the weights of each family add to the score of every pair, POMP."""
    x = fill_unknown(inputs.features[1], model.features) * model.evidence.mean[1:]
    family = np.array([feature.family if feature.side != "client" else "" for feature in FEATURES])
    return {name: inputs.reshape_scores(x[:, family == name].sum(axis=1)) for name in FAMILIES}


def list_scores(inputs: MethodInputs) -> Iterator[tuple[str, Floats]]:
    """Yield the name and the scores of each row; the whole score is the first."""
    model = fit_linear_layer(inputs)
    score, parts = score_new_clients(inputs, model), compute_family_parts(inputs, model)
    yield WHOLE, score
    yield "number of wishes", np.array(np.broadcast_to(count_net_honoured_wishes(inputs.cross), inputs.shape))
    yield "weights of wishes alone", parts["wishes"]
    for name in FAMILIES:
        yield f"without {name}", score - parts[name]


def measure_families(maker: str, mix: str, clinics: int) -> pd.DataFrame:
    """Measure the share of the oracle's gain of each row, in each clinic at each number of records."""
    results = []
    for seed in range(FIRST_SEED, FIRST_SEED + clinics):
        clinic = draw_clinic(maker, mix, seed, max(SIZES))
        for size in SIZES:
            inputs = MethodInputs(clinic.build_tables(size), clinic.find_rows(size))
            results += [(seed, size, name, *clinic.measure_share(score)) for name, score in list_scores(inputs)]
    return pd.DataFrame(results, columns=["seed", "records", "score", "free", "capacity"])


def format_differences(results: pd.DataFrame) -> str:
    """Format the mean shares of the whole score, and the paired difference of each other row ± its standard error."""
    lines = []
    for size in results["records"].unique():
        of_size = results[results["records"] == size].set_index("seed")
        whole = of_size[of_size["score"] == WHOLE][["free", "capacity"]]
        lines.append(f"{size} records: free choice {whole['free'].mean():.3f}, "
                     f"under capacity {whole['capacity'].mean():.3f}")  # fmt: skip
        for name in of_size["score"].unique():
            if name != WHOLE:
                difference = of_size[of_size["score"] == name][["free", "capacity"]] - whole
                mean, error = difference.mean(), difference.std(ddof=1) / np.sqrt(len(difference))
                cells = [f"{mean[column]:+.3f} ± {error[column]:.3f}" for column in ("free", "capacity")]
                lines.append(f"  {name:24} {cells[0]}   {cells[1]}")
    return "\n".join(lines)


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.learning.family_ablation", description=__doc__)
    parser.add_argument("--maker", default=MAKER)
    parser.add_argument("--mix", default=MIX)
    parser.add_argument("--clinics", type=int, default=CLINICS)
    options = parser.parse_args()
    print(format_differences(measure_families(options.maker, options.mix, options.clinics)))


if __name__ == "__main__":
    main()
