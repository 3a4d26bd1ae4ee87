"""Worlds to challenge a method: each with what is true in it, and what a sound method must do there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from attune_fit.data.synthetic.world import World


@dataclass(frozen=True)
class NamedWorld:
    """One named world.

    Attributes
    ----------
    name : str
    description : str
        What is true in it.
    requirement : str
        What a sound method must do there.
    changes : mapping
        What differs from ``World()``.
    clients, therapists : int
        The size it is meant for.
    """

    name: str
    description: str
    requirement: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    clients: int = 400
    therapists: int = 30

    def build_world(self) -> World:
        """Its numbers.

        >>> WORLDS["null"].build_world().dyad
        0.0
        """
        return World(**self.changes)


_ROWS = (
    NamedWorld("published", "the defaults: what is published, and assumptions where nothing is",
              "find what little there is"),
    NamedWorld("null", "no pair suits better than another", "claim nothing about this choice",
              {"dyad": 0.0, "fit": 0.0, "mix": "null"}),
    NamedWorld("chemistry", "pairs differ, and no intake can tell how", "claim nothing about this choice",
              {"fit": 0.0, "mix": "null"}),
    NamedWorld("therapist-only", "therapists differ a lot, pairs do not", "rank by therapist, claim no pair skill",
              {"dyad": 0.0, "fit": 0.0, "mix": "null", "therapist": 0.15}),
    NamedWorld("style-only", "only the distance of styles carries fit", "find it against a null prior",
              {"mix": "style", "fit": 0.10}),
    NamedWorld("wishes-only", "only honoured wishes carry fit", "be no worse than counting wishes",
              {"mix": "wishes", "fit": 0.10}),
    NamedWorld("complementarity", "opposite styles suit each other", "unlearn the prior that likeness helps",
              {"mix": "complementarity", "fit": 0.10}),
    NamedWorld("threshold", "all or nothing: a skilled therapist with no style on the wrong side",
              "find a step, not a slope",
              {"mix": "threshold", "fit": 0.10}),
    NamedWorld("confounded", "hard clients are sent to strong therapists, and coordinators see true fit",
              "adjust therapists for whom they see", {"confounding": 1.0, "insight": 1.0, "therapist": 0.10}),
    NamedWorld("drifting", "the level rises, and what suited whom two years ago is half turned round today; the truth "
              "of a pair is that of the day its client was referred",
              "trust later records more", {"drift": 0.3, "fading": 1.5, "fit": 0.10}),
    NamedWorld("tiny", "few clients, few therapists, many forms missing", "stay near the prior and say so",
              {"unreturned": 0.4, "missing": 0.3}, clients=40, therapists=5),
    NamedWorld("crossed", "each client meets three therapists, chosen by lot", "part pair from client; learn to rank",
              {"therapists_each": 3, "meetings": "random"}),
    NamedWorld("sites", "four sites with levels of their own", "compare within a site (Attune has no rule for it yet)",
              {"sites": 4, "site": 0.10}),
)  # fmt: skip

WORLDS: Mapping[str, NamedWorld] = MappingProxyType({row.name: row for row in _ROWS})
