"""Measure how the time and memory of ranking grow with the number of pairs: ``python -m benchmarks.ranking``."""

from __future__ import annotations

import resource
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.synthetic.simulate import simulate, write_clinic
from attune_fit.matching.ranking.rank import rank_to_frames
from attune_fit.matching.ranking.scored_roster import RosterScorer
from attune_fit.models.active_model import load_active_model

SIZES = ((500, 50), (1_000, 100), (2_000, 200), (4_000, 400))


def main() -> None:
    """Rank whole synthetic clinics of growing size; print seconds per million pairs and the ratio to the first size."""
    first = None
    print("clients × therapists      pairs   seconds   s per million   ratio   peak MiB")
    for clients, therapists in SIZES:
        with TemporaryDirectory() as folder:
            simulated = simulate(clients, therapists, seed=0)
            write_clinic(simulated, Path(folder))
            clinic = Clinic.open(Path(folder))
            model = load_active_model(clinic, simulated.tables)
            start = time.perf_counter()
            rows = sum(
                len(frame)
                for frame in rank_to_frames(
                    RosterScorer.from_clinic(model, clinic, simulated.tables, 0), np.arange(clients)
                )
            )
            seconds = time.perf_counter() - start
        per_million = seconds / rows * 1e6
        first = first or per_million
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        size = f"{clients:>7,} × {therapists:<10,} {rows:>9,}"
        print(f"{size} {seconds:>9.2f} {per_million:>15.2f} {per_million / first:>7.2f} {peak:>10.0f}")


if __name__ == "__main__":
    main()
