"""What wide bands cost: ``python -m benchmarks.bands``.

Share of the oracle's gain (over an eligible therapist at random) that the first place gets, without outcome records, on
synthetic clinics whose truth is known.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.synthetic.simulate import SimulatedClinic, simulate, write_clinic
from attune_fit.matching.ranking.rank import rank_to_frames
from attune_fit.models.active_model import load_active_model

LEVELS = (0.51, 0.55, 0.60, 0.65, 0.70, 0.75, 0.90)
CLINICS, CLIENTS, THERAPISTS = 8, 200, 40


def main() -> None:
    """Rank every client at each level; print the mean share, its standard error, and the size of the top band."""
    rows = []
    for seed in range(CLINICS):
        made = simulate(CLIENTS, THERAPISTS, seed=seed + 100)
        with TemporaryDirectory() as folder:
            write_clinic(made, Path(folder), truth=False)
            toml = Path(folder, "clinic.toml")
            said = toml.read_text(encoding="utf-8")
            for level in LEVELS:
                toml.write_text(f"{said}\n[settings]\nband = {level}\n", encoding="utf-8")
                rows.append((level, *measured(made, Clinic.open(folder))))
    table = pd.DataFrame(rows, columns=["band", "share", "top"]).groupby("band")
    print("band   share of the oracle's gain (se)   candidates in the top band")
    for level, mean in table.mean().iterrows():
        error = table["share"].sem()[level]
        print(f"{level:.2f}   {mean['share']:.2f} ({error:.2f}) {mean['top']:>31.1f}")


def measured(made: SimulatedClinic, clinic: Clinic) -> tuple[float, float]:
    """Share of the gain at the first place, and how many candidates the top band holds."""
    tables = made.tables
    everyone = np.arange(len(tables.clients))
    ranked = pd.concat(rank_to_frames(load_active_model(clinic, tables), clinic, tables, everyone, seed=0))
    ranked = ranked[ranked["status"] == "ranked"]
    row = {name: pd.Series(frame.index, index=frame[f"{name}_id"]) for name, frame in
           (("client", tables.clients), ("therapist", tables.therapists))}  # fmt: skip
    ranked["truth"] = made.truth.compute_expected_alliance(
        row["client"][ranked["client_id"]].to_numpy(), row["therapist"][ranked["therapist_id"]].to_numpy(),
        chemistry=False,  # what no intake can tell, no order of a list can win
    )  # fmt: skip
    of_client = ranked.groupby("client_id")["truth"]
    first = ranked[ranked["rank"] == 1].set_index("client_id")["truth"]
    gain, best = first - of_client.mean(), of_client.max() - of_client.mean()
    return float(gain.sum() / best.sum()), float((ranked["band"] == 1).groupby(ranked["client_id"]).sum().mean())


if __name__ == "__main__":
    main()
