"""Named worlds to test a method: what is true in each, and what a sound method must do there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from attune_fit.data.synthetic.world import World


@dataclass(frozen=True)
class NamedWorld:
    """A named world: one row of :data:`WORLDS`.

    Attributes
    ----------
    name : str
        As used after ``--world``.
    description : str
        What is true in it.
    requirement : str
        What a sound method must do there.
    changes : mapping
        Fields that differ from ``World()``, with their values.
    clients, therapists : int
        Default size of a clinic of this world.
    """

    name: str
    description: str
    requirement: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    clients: int = 400
    therapists: int = 30

    def build_world(self) -> World:
        """Return the world with its changes.

        >>> WORLDS["null"].build_world().dyad
        0.0
        """
        return World(**self.changes)


_ROWS = (
    NamedWorld("published", "the defaults: published figures, and assumptions if nothing is published",
              "find the small pair effect"),
    NamedWorld("null", "no pair fits better than another", "report no pair effect",
              {"dyad": 0.0, "fit": 0.0, "mix": "null"}),
    NamedWorld("chemistry", "pairs differ, but intake data cannot predict how",
              "report no predictable pair effect",
              {"fit": 0.0, "mix": "null"}),
    NamedWorld("therapist-only", "therapists differ a lot, pairs do not", "rank by therapist, report no pair effect",
              {"dyad": 0.0, "fit": 0.0, "mix": "null", "therapist": 0.15}),
    NamedWorld("style-only", "only the distance of styles produces fit", "find this effect from a prior of 0",
              {"mix": "style", "fit": 0.10}),
    NamedWorld("wishes-only", "only honoured wishes produce fit", "be at least as good as a count of wishes",
              {"mix": "wishes", "fit": 0.10}),
    NamedWorld("complementarity", "opposite styles fit each other", "unlearn the prior that similar styles fit",
              {"mix": "complementarity", "fit": 0.10}),
    NamedWorld("threshold", "fit is all or nothing: it needs a skilled therapist with no style on the wrong side",
              "find a step, not a slope",
              {"mix": "threshold", "fit": 0.10}),
    NamedWorld("confounded", "coordinators send hard clients to strong therapists, and see the true pair effect",
              "adjust therapist effects for the clients they see",
              {"confounding": 1.0, "insight": 1.0, "therapist": 0.10}),
    NamedWorld("drifting", "the level rises, and the fit of two years ago is reversed at half its size today; "
              "the true fit of a pair is that of the day its client was referred",
              "weight later records more", {"drift": 0.3, "fading": 1.5, "fit": 0.10}),
    NamedWorld("tiny", "few clients, few therapists, many missing forms", "stay near the prior and report it",
              {"unreturned": 0.4, "missing": 0.3}, clients=40, therapists=5),
    NamedWorld("crossed", "each client meets three therapists, chosen at random",
              "separate the pair from the client; learn to rank",
              {"therapists_each": 3, "meetings": "random"}),
    NamedWorld("sites", "four sites with different levels", "compare within a site (Attune has no rule for it yet)",
              {"sites": 4, "site": 0.10}),
)  # fmt: skip

WORLDS: Mapping[str, NamedWorld] = MappingProxyType({row.name: row for row in _ROWS})
