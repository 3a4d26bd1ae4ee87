"""The synthetic clinics of the benchmark of speed: drawn once, and kept in ``.cache/speed/clinics``."""

from __future__ import annotations

import shutil
from pathlib import Path

CACHE = Path(__file__).resolve().parents[2] / ".cache" / "speed"
EXTRA_COLUMN, EXTRA_SD = "extra_{:03d}", 1.0


def find_clinic(clients: int, therapists: int, n_extra: int = 0, waiting: int | None = None) -> Path:
    """Return the folder of a clinic of this size; it is simulated and written if it is not there.

    Parameters
    ----------
    clients, therapists : int
    n_extra : int
        Number of columns with random numbers in both tables. Each is read by one feature in addition to Attune's.
    waiting : int, optional
        Number of clients who wait. Default: a tenth.
    """
    from attune_fit.data.synthetic.simulate import simulate, write_clinic

    name = f"{clients}-{therapists}" + (f"-{n_extra}" if n_extra else "") + (f"-w{waiting}" if waiting else "")
    folder = CACHE / "clinics" / name
    if folder.exists():
        shutil.rmtree(folder / "artifacts", ignore_errors=True)  # a log of earlier runs would make appending slower
        return folder
    unfinished = folder.with_name(f"{folder.name}.half")
    shutil.rmtree(unfinished, ignore_errors=True)
    write_clinic(simulate(clients, therapists, seed=0, waiting=waiting), unfinished, truth=False)
    if n_extra:
        add_features(unfinished, n_extra)
    unfinished.rename(folder)
    return folder


def add_features(folder: Path, n_extra: int) -> None:
    """Add columns with random numbers to both tables, and a feature over each in ``clinic.toml``."""
    import numpy as np
    import pandas as pd

    rng, names = np.random.default_rng(0), [EXTRA_COLUMN.format(number) for number in range(n_extra)]
    for table in ("clients", "therapists"):
        frame = pd.read_csv(folder / f"{table}.csv", dtype="str")
        numbers = pd.DataFrame(rng.normal(0, EXTRA_SD, (len(frame), n_extra)).round(2), columns=names)
        pd.concat([frame, numbers], axis=1).to_csv(folder / f"{table}.csv", index=False)
    rows = [f'[[features]]\nname = "near_{one}"\nclient = "{one}"\ntherapist = "{one}"\ncompare = "distance"\n'
            f"weight = {(-1) ** place * 0.05}\n" for place, one in enumerate(names)]  # fmt: skip
    toml = folder / "clinic.toml"
    toml.write_text(toml.read_text(encoding="utf-8") + "\n" + "\n".join(rows), encoding="utf-8")
