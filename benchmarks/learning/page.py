"""The page with the tables."""

from __future__ import annotations

import pandas as pd

from benchmarks.learning import means, tables
from benchmarks.learning.clinics import HEADLINE, MAKERS, NEW, THERAPISTS
from benchmarks.learning.methods import METHODS
from benchmarks.learning.reach import NAME as REACH
from docs.tables import markdown

COMMAND = "`python -m benchmarks.learning`"
CROSS = "; ✗ where it is below beyond noise"
PICKED = "; the peer is picked with hindsight, ✗ where Attune is below beyond noise"
CORE = " of one core, median; building the features of pairs is not counted, but for Attune, which builds its own"
NO_METHOD = ("no method: a linear sum of the features fitted to the truth itself of four fifths of the new clients, "
             "measured on the others; more outcomes take such a sum no further")  # fmt: skip
HEAD = """# The learning curve

Share of an oracle's gain that each method gets, by the number of early alliance records it has seen; all on synthetic
data, where the truth is known. Every figure here and the picture are made by {command}
(`make bench-learning`).

- A clinic has {therapists} therapists; {new} new clients are to be seen by somebody. The oracle knows the early
  alliance to expect of every pair but for what no intake can tell. 0 is an eligible therapist at random, 1 is the
  oracle; a method may lie below 0.
- **Free choice**: each client gets the first of the method's list. **Under capacity**: there are as many places as
  clients, every therapist takes equally many, and the assignment of the highest total score decides; chance is an
  assignment by lot. Who may see whom is the same for all.
- Fit has 5% of the variance of one rating, the therapist 5%, unless the mix says otherwise. Outcomes are nested: the
  first 300 are among the first 1,000.
- **The project's simulator**: `attune_fit.data.synthetic`, default world. Pairs depend on what therapists are, the tables hold
  what they say of themselves, so that no method can reach 1. Attune's day-0 trees were grown on clinics of this maker,
  of other seeds.
- **Other functional forms**: `benchmarks.learning.forms`, written apart from the simulator and from the features: style
  distance that saturates, wishes in order of strength, the root of problems covered, products with attachment, an age
  gap, the worse of two, a random smooth function. Each mix leads with half of fit, the rest is as in the balanced one.
- Means over clinics with 95% intervals (Student's t within mixes); every method sees the same clinics.
- {clinics} clinics in all, {each} a mix; {large} of them go on to {most:,} outcomes.

![The learning curve](pictures/learning.png)
"""


def page(results: pd.DataFrame) -> str:
    """Everything that is kept, as Markdown."""
    whole = means.spread_out(results)
    clinics, most = results[means.KEY[:3]].drop_duplicates(), int(results["outcomes"].max())
    head = HEAD.format(
        command=COMMAND,
        therapists=THERAPISTS,
        new=NEW,
        clinics=len(clinics),
        each=int(clinics.groupby(["maker", "mix"]).size().max()),
        large=len(results.loc[results["outcomes"] == most, means.KEY[:3]].drop_duplicates()),
        most=most,
    )
    parts = [head, *_methods()]
    for maker in MAKERS.values():
        here = whole[whole["maker"] == maker.name]
        if here.empty:
            continue
        parts.append(f"\n## {maker.says[0].upper()}{maker.says[1:]}\n\nMean of the mixes {', '.join(HEADLINE)}.\n")
        for what, says in tables.WHATS.items():
            parts += [_title(f"Share of the gain, {says}"), tables.shares(here, what, HEADLINE)]
        for what, says in tables.WHATS.items():
            parts += [
                _title(f"Attune less each, {says}, in the same clinics", CROSS),
                tables.less(here, what, HEADLINE),
            ]
        parts += [
            _title("The best peer of each mix and size, and Attune less it", PICKED),
            tables.best(here, maker.mixes),
        ]
        for mix in (mix for mix in maker.mixes if (here["mix"] == mix).any()):
            halves = f"; half-widths of the 95% intervals are about {tables.halves(here, mix)}"
            parts += [_title(f"Mix {mix}, free choice / under capacity", halves), tables.both(here, mix)]
    return "".join([*parts, "\n## What a training takes\n", _title("Seconds", CORE), tables.seconds(results)])


def _title(says: str, more: str = "") -> str:
    return f"\n**{says}**{more} ({COMMAND})\n\n"


def _methods() -> tuple[str, str]:
    rows = [(name, row.says + (f" (needs `{row.needs}`)" if row.needs else "")) for name, row in METHODS.items()]
    return "\n", markdown(("method", "is"), [*rows, (REACH, NO_METHOD)])
