"""Measure the cost of wide bands: ``python -m benchmarks.bands``.

The measure is the share of the oracle's gain that the first place gets. 0 is an eligible therapist at random. The
clinics are synthetic, their truth is known, and the model has no outcome records.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.synthetic.simulate import SimulatedClinic, simulate, write_clinic
from attune_fit.matching.ranking.rank import rank_to_frames
from attune_fit.matching.ranking.scored_roster import RosterScorer
from attune_fit.models.active_model import load_active_model

LEVELS = (0.51, 0.55, 0.60, 0.65, 0.70, 0.75, 0.90)
CLINICS, CLIENTS, THERAPISTS = 8, 200, 40


def main() -> None:
    """Print the mean share, its standard error and the size of the top band, for each level of ``band``."""
    rows = []
    for seed in range(CLINICS):
        simulated = simulate(CLIENTS, THERAPISTS, seed=seed + 100)
        with TemporaryDirectory() as folder:
            write_clinic(simulated, Path(folder), truth=False)
            toml = Path(folder, "clinic.toml")
            settings_text = toml.read_text(encoding="utf-8")
            for level in LEVELS:
                toml.write_text(f"{settings_text}\n[settings]\nband = {level}\n", encoding="utf-8")
                rows.append((level, *measure_clinic(simulated, Clinic.open(folder))))
    table = pd.DataFrame(rows, columns=["band", "share", "top"]).groupby("band")
    print("band   share of the oracle's gain (se)   candidates in the top band")
    for level, mean in table.mean().iterrows():
        standard_error = table["share"].sem()[level]
        print(f"{level:.2f}   {mean['share']:.2f} ({standard_error:.2f}) {mean['top']:>31.1f}")


def measure_clinic(simulated: SimulatedClinic, clinic: Clinic) -> tuple[float, float]:
    """Return the share of the gain at the first place, and the mean number of candidates in the top band."""
    tables = simulated.tables
    all_rows = np.arange(len(tables.clients))
    ranked = pd.concat(
        rank_to_frames(RosterScorer.from_clinic(load_active_model(clinic, tables), clinic, tables, 0), all_rows)
    )
    ranked = ranked[ranked["status"] == "ranked"]
    row_of = {name: pd.Series(frame.index, index=frame[f"{name}_id"]) for name, frame in
           (("client", tables.clients), ("therapist", tables.therapists))}  # fmt: skip
    ranked["truth"] = simulated.truth.compute_expected_alliance(
        row_of["client"][ranked["client_id"]].to_numpy(), row_of["therapist"][ranked["therapist_id"]].to_numpy(),
        chemistry=False,  # no list can gain what no intake form contains
    )  # fmt: skip
    of_client = ranked.groupby("client_id")["truth"]
    first = ranked[ranked["rank"] == 1].set_index("client_id")["truth"]
    gain, oracle_gain = first - of_client.mean(), of_client.max() - of_client.mean()
    return float(gain.sum() / oracle_gain.sum()), float((ranked["band"] == 1).groupby(ranked["client_id"]).sum().mean())


if __name__ == "__main__":
    main()
