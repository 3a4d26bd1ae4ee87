"""The reference page of instruments: their keys and ranges, and how several in one clinic are compared."""

from __future__ import annotations

from attune_fit.data.clinic.instruments import INSTRUMENTS
from docs.tables import format_table

SEVERAL_INSTRUMENTS = """
## The main instrument, and several instruments

The main instrument is `show_in` of `[clinic]`. Without it, it is the instrument of most ratings in `outcomes`. Attune
shows expected alliance in its points, before training too. Without ratings, the points are those of the WAI-SR.

A clinic can use several instruments. Scores of different forms are not comparable, even as a percentage of their
range: many clients mark the top of an SRS. So Attune moves and stretches the scores of each form to the mean and the
standard deviation of the main one. The clinic's records give both; the standard deviation is that of the clients of
one therapist. A form with too few records (about 30) has the published figures of the table below. A model then has a
level for each form as well.

Where half of the therapists use another form, this costs .005 of the possible gain (free choice, standard error .003).
Percentages of the range would cost .15 (`python -m benchmarks.questionnaires`: 24 synthetic clinics, 300 to 3,000
records). No method can find out whether the therapists of one form are better than those of another. `attune check`
warns where most therapists use one form only.

A model that learned another form, such as the starting model, is shown in the points of the main one by the published
figures: a typical WAI-SR is shown as a typical SRS. `attune follow-up` shows each score as the client gave it, and
compares it with later scores on the same form. An instrument without `mean` and `sd` counts as the WAI-SR, in percent
of its range.

**Early total scores that clients gave**, in points:

"""


def build_instruments_page() -> str:
    """Build the page of instruments."""
    rows = [
        (f"`{i.name}`", i.description, f"{i.low:g} to {i.high:g}", f"{i.early[0]} to {i.early[1]}",
         "nothing validated" if i.weak is None else f"{i.weak:g} or lower ({i.weak_source})", i.source)
        for i in INSTRUMENTS
    ]  # fmt: skip
    norms = [
        (f"`{i.name}`", f"{i.mean:g}", f"{i.sd:g}", i.norms_source)
        for i in INSTRUMENTS
        if i.mean is not None and i.sd is not None
    ]
    head = (
        "# Instruments\n\nA clinic adds its own as `[[instruments]]` in `clinic.toml`. Attune stores no item text.\n\n"
    )
    columns = ("name", "what it is", "points", "early sessions", "weak", "source")
    norm_columns = ("name", "mean", "standard deviation", "source")
    return head + format_table(columns, rows) + SEVERAL_INSTRUMENTS + format_table(norm_columns, norms)
