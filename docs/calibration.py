"""The calibration page and its pictures: ``python -m docs.calibration`` (``make calibration``)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from attune_fit.data.synthetic.calibration import calibration_charts
from attune_fit.data.synthetic.calibration.calibration_page import TABLE_HEADERS, format_cells
from attune_fit.data.synthetic.calibration.compare import (
    StatisticComparison,
    format_statistic_value,
    run_calibration,
    summarize_verdicts,
)
from attune_fit.data.synthetic.calibration.observed_clinic import ObservedClinic
from attune_fit.data.synthetic.calibration.sensitivity import SensitivityResult, sweep_assumed_numbers
from attune_fit.data.synthetic.world import World
from attune_fit.data.writing.atomic_write import write_atomically
from docs.tables import markdown

FOLDER = Path(__file__).resolve().parent
SEEDS, CLIENTS, THERAPISTS = range(20), 3_000, 75
SWEEP_SEEDS, SWEEP_CLIENTS = range(6), 1_500

HEAD = """# Synthetic clinics beside what is published

{tally}

Over {seeds} clinics of {clients:,} clients and {therapists} therapists each, drawn from the default world. Made by
`make calibration`; for a world and a size of your own: `attune simulate CLINIC --world NAME --report`.

- **published**: the figure, with its 95% interval or its range over studies. Its mark (read, secondary, measured,
  derived, assumed) stands behind its source.
- **simulated**: mean over the clinics with its 95% interval. **clinics**: the lowest and the highest of them.
- ✓ the mean lies within what is published, and its interval is no wider than that; ✗ the whole interval lies outside;
  ~ it cannot be told. Every ✗ is explained in its row.
- ᵢ was put into the simulator, directly or by setting a number so that forms show it: it has to come out again, which
  proves the machinery, not the world. ₒ speaks of other people than these: for orientation, not judged. The rest comes
  out unasked.

![Every statistic on a scale of its own](pictures/calibration.png)

Blue holds, red misses, ochre cannot be told, grey is not judged; an arrow lies beyond the picture.

![One of the clinics](pictures/clinic.png)
"""

UNLIKE = """
## What still looks unlike a real clinic

- **Spikes.** Straight-lined forms pile up on 3.0, 4.0 and 5.0, as they do in real data, but their share is assumed.
  Real clients also answer *nearly* the same throughout; here it is all or nothing.
- **Problems come together too little.** Anxiety with depression correlates about φ = .15; four problems at the most
  push the rest apart. No published table of joint frequencies was at hand to draw from.
- **The level comes from therapy over the internet.** Mean and SD rest on five such samples; no table of face-to-face
  WAI-SR norms was at hand.
- **Ratings are a little too noisy.** One session's dependability, the patient's share, and later correlations all lean
  the same way: `occasion` is what one session's *form* adds, and rounding, ceiling and straight-lining come on top.
- **Everybody who drops out does so before session 3**, while the published fifth is over whole treatments.
- **Ratings are too orderly over time.** There are no ruptures and repairs (seen in half of real courses), no sudden
  gain; after the third session alliance drifts smoothly.
- **One clinic is like another.** Effects, sites and drift differ; the mix of people, payers and hours does not.
- **Dropout knows only alliance.** Young, self-paying and far-away clients leave as often as others of that alliance.
- **Therapist effects are normal.** The few very weak therapists that outcome studies report (4-5%) are not there.
- **The default is generous to any method**: what intake tells of a pair is more than the evidence allows (see
  *who suits whom*), because a world with nothing to find teaches nothing. Worlds without it are one option away.
"""

SWEEP = """
## Assumed numbers, swept

Each assumed number of the world, moved to either end of its range with all others at their defaults ({seeds} clinics
of {clients:,} clients). *Leaves* and *enters* say which means move out of what is published, or into it; *moves* names
the three moved most, where by more than six paired standard errors. Where nothing moves, published statistics cannot
tell the assumption from its opposite: a method must be tried at both ends.

"""


def main() -> None:
    """Simulate, compare, draw, write."""
    compared = run_calibration(World(), CLIENTS, THERAPISTS, SEEDS, print)
    moved = sweep_assumed_numbers(SWEEP_CLIENTS, THERAPISTS // 2, SWEEP_SEEDS, print)
    write_atomically(FOLDER / "pictures" / "calibration.png", calibration_charts.draw_forest_plot(compared))
    write_atomically(
        FOLDER / "pictures" / "clinic.png",
        calibration_charts.draw_clinic_charts(ObservedClinic.from_world(World(), CLIENTS, THERAPISTS, 0)),
    )
    write_atomically(FOLDER / "calibration.md", page(compared, moved))
    print("docs/calibration.md")


def page(compared: Sequence[StatisticComparison], moved: Sequence[SensitivityResult]) -> str:
    """The whole page."""
    text = HEAD.format(tally=summarize_verdicts(compared), clients=CLIENTS, therapists=THERAPISTS, seeds=len(SEEDS))
    for family, rows in groupby(compared, key=lambda row: row.statistic.family):
        text += f"\n## {family[0].upper()}{family[1:]}\n\n" + markdown(
            TABLE_HEADERS, [format_cells(row) for row in rows]
        )
    text += UNLIKE + SWEEP.format(seeds=len(SWEEP_SEEDS), clients=SWEEP_CLIENTS)
    heads = ("number", "at", "leaves", "enters", "moves")
    return text + markdown(heads, [_swept_cells(row) for row in moved])


def _swept_cells(row: SensitivityResult) -> tuple[str, ...]:
    moves = "; ".join(
        f"{name} {format_statistic_value(before)} → {format_statistic_value(after)}"
        for name, before, after in row.largest_moves
    )
    return (
        f"`{row.field}`",
        f"{row.value:g}",
        "; ".join(row.newly_outside),
        "; ".join(row.newly_inside),
        moves or "nothing",
    )


if __name__ == "__main__":
    main()
