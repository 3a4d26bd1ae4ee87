"""The word on whether the model knows anything about this choice: stored in the bundle, shown on every ranking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["published", "nothing", "adds"]

FEWEST = 30  # records below which no test is tried


@dataclass(frozen=True)
class Verdict:
    """What the clinic's own records say about the pair part of the score.

    Attributes
    ----------
    kind : {"published", "nothing", "adds"}
        No records; records that add nothing measurable; records that do.
    r, low, high : float or None
        Correlation of the pair part with what baseline and therapist leave, and its 95% interval, clustered by
        therapist; None where not measured.
    p : float or None
        Of the re-pairing test; never 0.
    n : int
        Outcome records it rests on.
    """

    kind: Kind = "published"
    r: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    n: int = 0

    @property
    def sentence(self) -> str:
        """What a coordinator reads.

        >>> Verdict("adds", r=0.12, low=0.05, high=0.19, p=0.003, n=800).sentence
        'In your 800 records, local data adds r = .12 [.05, .19] to the choice between therapists.'
        """
        if self.kind == "published":
            return "Published evidence only: no outcome records of this clinic were learned from."
        records = f"{self.n:,} record{'' if self.n == 1 else 's'}"
        if self.r is None or self.low is None or self.high is None:
            return (
                f"Local data adds nothing measurable yet: {records} cannot tell; the test needs at least {FEWEST} "
                "records, therapists who could have been exchanged and a feature in which they differ."
            )
        seen = f"r = {_short(self.r)} [{_short(self.low)}, {_short(self.high)}]"
        if self.kind == "adds":
            return f"In your {records}, local data adds {seen} to the choice between therapists."
        return f"Local data adds nothing measurable yet to the choice between therapists: {seen} in your {records}."


def _short(r: float) -> str:
    """A correlation as journals print it.

    >>> _short(0.123), _short(-0.05), _short(1.0)
    ('.12', '-.05', '1.00')
    """
    return f"{r:.2f}".replace("0.", ".", 1) if abs(r) < 0.995 else f"{r:.2f}"
