"""The sum behind one pair's score, part by part."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from features.pairs import PairFrame
from matching.board import Desk
from matching.rank import row_of
from matching.reasons import OWN
from matching.result import Broken
from matching.telling import Telling

if TYPE_CHECKING:
    from data.clinic import Clinic
    from data.tables import Tables
    from models.alliance import AllianceModel

LEVEL = "typical_pair"  # where the sum begins: the level of a pair of which everything is typical


@dataclass(frozen=True)
class Addend:
    """One term of the sum.

    Attributes
    ----------
    name, family : str
        A feature and its family; or ``typical_pair``, ``therapist_effect``.
    points : float
        What it adds, in the instrument's points.
    says : str
        What is true of the pair; empty where unknown, or where nothing is worth saying.
    known : bool
        False where the feature is unknown and counts as typical.
    """

    name: str
    family: str
    points: float
    says: str
    known: bool


@dataclass(frozen=True)
class Explanation:
    """Why a pair has its score.

    Attributes
    ----------
    client_id, therapist_id, verdict, instrument : str
    score, low, high : float
        The instrument's points; the interval is for one early rating.
    parts : dict of str to float
        ``baseline``, ``evidence``, ``learned``, ``therapist``: they sum to the score.
    addends : tuple of Addend
        Every term, the level first, then by size: they sum to the score as well.
    families : dict of str to float
        The addends summed by family.
    rules : tuple of Broken
        Rules that leave the therapist out; empty for a candidate.
    """

    client_id: str
    therapist_id: str
    verdict: str
    instrument: str
    score: float
    low: float
    high: float
    parts: dict[str, float]
    addends: tuple[Addend, ...]
    families: dict[str, float]
    rules: tuple[Broken, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain types only, as JSON has them."""
        said = asdict(self)
        return {**said, "addends": list(said["addends"]), "rules": list(said["rules"])}


def explain(model: AllianceModel, clinic: Clinic, tables: Tables, client_id: str, therapist_id: str) -> Explanation:
    """Take the score of one pair apart, whether the therapist may be offered or not.

    Returns
    -------
    Explanation
        ``parts`` and ``addends`` each sum to ``score`` within 1e-9.

    Raises
    ------
    DataFault
        If there is no such client or therapist.
    """
    desk = Desk.of(model, clinic, tables)
    row, column = row_of(tables, "clients", client_id), row_of(tables, "therapists", therapist_id)
    board = desk.board(np.array([row], dtype=np.intp))
    cell = (0, column)
    level, step = float(desk.instrument.points(0.0)), float(desk.instrument.points(1.0) - desk.instrument.points(0.0))
    parts = {
        name: float(getattr(board.parts, name)[cell]) * step
        for name in ("baseline", "evidence", "learned", "therapist")
    }
    parts["baseline"] += level
    addends = (
        Addend(LEVEL, "level", level + desk.model.constant * step, "", True),
        *_features(desk, board.pairs, cell, step),
    )
    ...
