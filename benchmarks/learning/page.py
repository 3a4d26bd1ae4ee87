"""Format ``docs/learning.md``: description, tables, and differences between methods."""

from __future__ import annotations

import pandas as pd

from benchmarks.learning import aside_forms, means, tables
from benchmarks.learning.clinic_makers import CLINIC_MAKERS, N_NEW, N_THERAPISTS
from benchmarks.learning.feature_ceiling import CEILING_NAME
from benchmarks.learning.methods import METHODS
from docs.tables import format_table

COMMAND = "`python -m benchmarks.learning`"
CROSS_NOTE = "; ✗: the whole interval is below 0"
BEST_PEER_NOTE = "; the peer is selected after the fact; ✗: the whole interval is below 0"
SECONDS_NOTE = " of one core, median; without the time to build pair features, except for Attune, which builds its own"
CEILING_DESCRIPTION = ("no method but an upper limit: a linear sum of the features, fitted to the truth of four fifths "
                       "of the new clients, measured on the other fifth; more outcomes do not raise it")  # fmt: skip
HEAD = """# The learning curve

Share of an oracle's gain that each method gets, by its number of early alliance records. All data are synthetic, so the
truth is known. {command} (`make bench-learning`) writes every figure on this page and the picture.

- A clinic has {therapists} therapists and {new} new clients. The oracle knows the expected early alliance of every
  pair, except for the part that no intake form contains. 0 is an eligible therapist at random, 1 is the oracle. A
  method can be below 0.
- **Free choice**: each client gets the first of the method's list. **Under capacity**: there are as many places as
  clients, and every therapist takes equally many. The assignment with the highest total score decides; chance is a
  random assignment. Eligibility is the same for all methods.
- Fit has 5% of the variance of one rating, and the therapist 5%, unless the mix changes this. Outcomes are nested: the
  first 300 are among the first 1,000.
- **The project's simulator**: `attune_fit.data.synthetic`, default world. Alliance depends on the therapist's true
  traits, and the tables contain self-ratings; therefore no method can reach 1. Attune's stacker
  learned from clinics with the people of this maker, and other truths.
- **Other functional forms**: `benchmarks.learning.forms` shares no formula with the simulator or the features. Its
  forms: capped style distance; wishes in order of strength; square root of problems covered; products with attachment;
  age gap; the lower of two forms; a random smooth function. The form that names a mix has half of the fit. Two forms
  are in no other mix: `complementarity` (opposite ranks in style suit), `threshold` (all needs of a client, or none).
- **Clinics that are kept aside**: `benchmarks.learning.aside_forms` was fixed before any result of Attune on it, and no
  method is tuned on it. Effects have random sizes and signs in each clinic. `signed` is a sum of pair terms. `local` is
  a sum of steps, each with two or three conditions. Fit has {aside:.0%} of the variance.
- Means over clinics with 95% intervals (Student's t within mixes). Every method is measured in the same clinics.
- {clinics} clinics in all, {each} for each mix; {large} of them have up to {most:,} outcomes.

![The learning curve](pictures/learning.png)
"""


def format_page(results: pd.DataFrame) -> str:
    """Format all stored results as Markdown."""
    all_results = means.repeat_fixed_methods(results)
    clinics, most = results[means.KEY[:3]].drop_duplicates(), int(results["outcomes"].max())
    head = HEAD.format(
        command=COMMAND,
        therapists=N_THERAPISTS,
        aside=aside_forms.FIT_SHARE,
        new=N_NEW,
        clinics=len(clinics),
        each=int(clinics.groupby(["maker", "mix"]).size().max()),
        large=len(results.loc[results["outcomes"] == most, means.KEY[:3]].drop_duplicates()),
        most=most,
    )
    parts = [head, *_format_methods()]
    for maker in CLINIC_MAKERS.values():
        maker_results = all_results[all_results["maker"] == maker.name]
        if maker_results.empty:
            continue
        title, headline = f"{maker.description[0].upper()}{maker.description[1:]}", ", ".join(maker.headline)
        parts.append(f"\n## {title}\n\nMean of the mixes {headline}.\n")
        for measure, title in tables.MEASURES.items():
            parts += [
                _format_title(f"Share of the gain, {title}"),
                tables.format_share_table(maker_results, measure, maker.headline),
            ]
        for measure, title in tables.MEASURES.items():
            parts += [
                _format_title(f"Attune minus each, {title}, in the same clinics", CROSS_NOTE),
                tables.format_difference_table(maker_results, measure, maker.headline),
            ]
        parts += [
            _format_title("The best peer of each mix and size, and Attune minus it", BEST_PEER_NOTE),
            tables.format_best_peer_table(maker_results, maker.mixes),
        ]
        for mix in (mix for mix in maker.mixes if (maker_results["mix"] == mix).any()):
            half_widths = (
                f"; half-widths of the 95% intervals are about {tables.format_half_widths(maker_results, mix)}"
            )
            parts += [
                _format_title(f"Mix {mix}, free choice / under capacity", half_widths),
                tables.format_mix_table(maker_results, mix),
            ]
    return "".join(
        [
            *parts,
            "\n## Training time\n",
            _format_title("Seconds", SECONDS_NOTE),
            tables.format_seconds_table(results),
        ]
    )


def _format_title(title: str, note: str = "") -> str:
    return f"\n**{title}**{note} ({COMMAND})\n\n"


def _format_methods() -> tuple[str, str]:
    rows = [
        (name, row.description + (f" (needs `{row.library}`)" if row.library else "")) for name, row in METHODS.items()
    ]
    return "\n", format_table(("method", "description"), [*rows, (CEILING_NAME, CEILING_DESCRIPTION)])
