"""Write the calibration page and its pictures: ``python -m docs.calibration`` (``make calibration``)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from attune_fit.data.storage.atomic_write import write_atomically
from attune_fit.data.synthetic.calibration import calibration_charts
from attune_fit.data.synthetic.calibration.calibration_comparison import (
    StatisticComparison,
    format_statistic_value,
    run_calibration,
    summarize_verdicts,
)
from attune_fit.data.synthetic.calibration.calibration_page import TABLE_HEADERS, format_cells
from attune_fit.data.synthetic.calibration.observed_clinic import ObservedClinic
from attune_fit.data.synthetic.calibration.sensitivity import SensitivityResult, sweep_assumed_numbers
from attune_fit.data.synthetic.world import World
from docs.tables import format_table

FOLDER = Path(__file__).resolve().parent
SEEDS, CLIENTS, THERAPISTS = range(20), 3_000, 75
SWEEP_SEEDS, SWEEP_CLIENTS = range(6), 1_500

INTRODUCTION = """# Synthetic clinics compared with published figures

{tally}

The figures are from {seeds} clinics of {clients:,} clients and {therapists} therapists each, drawn from the default
world. `make calibration` writes this page. For another world or size: `attune simulate CLINIC --world NAME --report`.

- **published**: the figure, with its 95% interval or its range over studies. Its mark (read, secondary, measured,
  derived, assumed) is in brackets after its source.
- **simulated**: mean over the clinics with its 95% interval. **clinics**: the lowest and the highest clinic.
- ✓ match: the mean lies within the published interval, and its own interval is not wider. ✗ miss: the whole interval
  lies outside. ~ undecided. The last column explains every ✗.
- ᵢ built into the simulator, directly or through a parameter. A match checks the simulator itself, not the realism of
  the world. ₒ from another population: for orientation, not judged. All other statistics are not built in.

![Forest plot of every statistic](pictures/calibration.png)

Blue: match. Red: miss. Ochre: undecided. Grey: not judged. An arrow: beyond the picture.

![Charts of one of the clinics](pictures/clinic.png)
"""

LIMITS = """
## What is still unlike a real clinic

- **Spikes.** Straight-lined forms pile up on 3.0, 4.0 and 5.0, as in real data, but their share is assumed. Some real
  clients give *nearly* the same answer throughout. Simulated clients give exactly the same answer, or do not.
- **Co-occurrence of problems is too low.** Anxiety with depression correlates about φ = .15. The limit of four problems
  lowers all other correlations. No published table of joint frequencies was available.
- **The level comes from therapy over the internet.** Mean and SD are from five such samples. No table of face-to-face
  WAI-SR norms was available.
- **Ratings are slightly too noisy.** The dependability of one session, the patient's share and later correlations are
  all on the low side. `occasion` is the noise of one session's *form*; rounding, ceiling and straight-lining add more.
- **All dropout is before session 3**, while the published fifth is over whole treatments.
- **Ratings are too smooth over time.** There are no ruptures and repairs (half of real courses have them), and no
  sudden gains. After the third session alliance drifts smoothly.
- **Clinics are too similar.** Effects, sites and drift differ; the mix of people, payers and hours does not.
- **Dropout depends on alliance alone.** Young, self-paying and far-away clients leave as often as others with the same
  alliance.
- **Therapist effects are normal.** There are no very weak therapists, although outcome studies report 4-5%.
- **The default world is favourable to any method**: intake predicts more of a pair than the evidence allows (see
  *client-therapist pairs*), so that a method has an effect to find. Other worlds have no such effect.
"""

SENSITIVITY = """
## Sensitivity to assumed numbers

Each assumed number of the world is moved to either end of its range, with all others at their defaults ({seeds} clinics
of {clients:,} clients). *leaves* lists means that move out of the published interval; *enters* lists means that move
into it. *moves* lists the three largest changes above six paired standard errors. "nothing" means that published
statistics cannot decide between the two ends: test a method at both.

"""


def main() -> None:
    """Simulate, compare with published figures, draw the pictures, and write the page."""
    comparisons = run_calibration(World(), CLIENTS, THERAPISTS, SEEDS, print)
    sensitivities = sweep_assumed_numbers(SWEEP_CLIENTS, THERAPISTS // 2, SWEEP_SEEDS, print)
    write_atomically(FOLDER / "pictures" / "calibration.png", calibration_charts.draw_forest_plot(comparisons))
    write_atomically(
        FOLDER / "pictures" / "clinic.png",
        calibration_charts.draw_clinic_charts(ObservedClinic.from_world(World(), CLIENTS, THERAPISTS, 0)),
    )
    write_atomically(FOLDER / "calibration.md", format_page(comparisons, sensitivities))
    print("docs/calibration.md")


def format_page(comparisons: Sequence[StatisticComparison], sensitivities: Sequence[SensitivityResult]) -> str:
    """Format the whole page."""
    text = INTRODUCTION.format(
        tally=summarize_verdicts(comparisons), clients=CLIENTS, therapists=THERAPISTS, seeds=len(SEEDS)
    )
    for family, rows in groupby(comparisons, key=lambda row: row.statistic.family):
        text += f"\n## {family[0].upper()}{family[1:]}\n\n" + format_table(
            TABLE_HEADERS, [format_cells(row) for row in rows]
        )
    text += LIMITS + SENSITIVITY.format(seeds=len(SWEEP_SEEDS), clients=SWEEP_CLIENTS)
    headers = ("number", "at", "leaves", "enters", "moves")
    return text + format_table(headers, [_format_sensitivity_cells(row) for row in sensitivities])


def _format_sensitivity_cells(row: SensitivityResult) -> tuple[str, ...]:
    """Format one row of the sensitivity table."""
    moves_text = "; ".join(
        f"{name} {format_statistic_value(before)} → {format_statistic_value(after)}"
        for name, before, after in row.largest_moves
    )
    return (
        f"`{row.field}`",
        f"{row.value:g}",
        "; ".join(row.newly_outside),
        "; ".join(row.newly_inside),
        moves_text or "nothing",
    )


if __name__ == "__main__":
    main()
