"""Measure what decides a list: ``python -m docs.choice_pages`` writes the table of ``docs/score.md``.

Synthetic clinics of 40 therapists, trained on their records as `attune train` does. It takes about ten minutes.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.instruments import list_instruments
from attune_fit.data.clinic.settings import Config
from attune_fit.data.storage.atomic_write import write_atomically
from attune_fit.data.synthetic.simulate import simulate
from attune_fit.training.evaluation.choice_shares import measure_choice_shares
from attune_fit.training.fitting.fit_model import fit_clinic_model
from docs.tables import format_table

PAGE = Path(__file__).resolve().parent / "score.md"
BLOCK = re.compile(r"(<!-- choice -->\n).*?(<!-- /choice -->)", re.DOTALL)
RECORDS, CLINICS, FIRST_SEED, THERAPISTS = (300, 1_000, 3_000), 6, 9_000, 40
RATED_SHARE = 0.975  # of the clients, in synthetic clinics


def measure_clinic(seed: int, records: int) -> tuple[dict[str, tuple[float, float]], dict[str, tuple[float, float]]]:
    """Return SD and share of each part: of the starting model, and of the model fitted to about so many records."""
    config = Config()
    clinic = Clinic(Path("nowhere"), config, list_instruments(config.instruments))
    tables = simulate(round(records / RATED_SHARE), THERAPISTS, seed, waiting=0).tables
    fit = fit_clinic_model(clinic, tables, seed)
    of_start, of_fit = (
        {one.part: (one.sd, one.share) for one in measure_choice_shares(model, fit.records.sides)}
        for model in (fit.starting_model, fit.model)
    )
    return of_start, of_fit


def format_choice_table() -> str:
    """Format the mean SD and share of each part, by number of records."""
    columns: dict[int, list[dict[str, tuple[float, float]]]] = {0: [], **{n: [] for n in RECORDS}}
    for n in RECORDS:
        for seed in range(FIRST_SEED, FIRST_SEED + CLINICS):
            of_start, of_fit = measure_clinic(seed, n)
            columns[n].append(of_fit)
            if n == RECORDS[0]:
                columns[0].append(of_start)
        print(n, {part: np.round(np.mean([one.get(part, (0, 0)) for one in columns[n]], axis=0), 2)
                  for part in columns[n][0]}, flush=True)  # fmt: skip
    parts = list(dict.fromkeys(part for column in columns.values() for one in column for part in one))
    last = "therapist effect"
    rows = [
        (part, *(_format_cell([one.get(part, (0.0, 0.0)) for one in column]) for column in columns.values()))
        for part in [*(part for part in parts if part != last), last]
    ]
    heads = ("part", *("day 0" if not n else f"{n:,} records" for n in columns))
    return format_table(heads, rows)


def _format_cell(figures: list[tuple[float, float]]) -> str:
    sd, share = np.mean(figures, axis=0)
    return f"{sd:.1f} ({share:.0%})"


def main() -> None:
    """Write the block of the page."""
    content = format_choice_table()
    text = PAGE.read_text(encoding="utf-8")
    write_atomically(PAGE, BLOCK.sub(lambda marks: f"{marks[1]}\n{content}\n{marks[2]}", text))


if __name__ == "__main__":
    main()
