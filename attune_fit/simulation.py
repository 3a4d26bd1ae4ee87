"""Simulate a clinic whose truth is known, and measure which share of the possible gain a method gets."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pydantic import ValidationError

from attune_fit.data.arrays import Bools, Floats, Indices
from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.instruments import list_instruments
from attune_fit.data.clinic.settings import Config
from attune_fit.data.clinic.tables import Tables
from attune_fit.data.clinic.waiting_clients import find_waiting_clients
from attune_fit.data.faults import DataFault
from attune_fit.data.storage.folder_write import finish_interrupted_write, has_only_leftovers
from attune_fit.data.synthetic import simulate as synthetic
from attune_fit.data.synthetic.alliance import Truth
from attune_fit.data.synthetic.assignment_policy import is_eligible
from attune_fit.data.synthetic.named_worlds import WORLDS
from attune_fit.data.synthetic.world import MIXES, World
from attune_fit.data.synthetic.world_file import find_world
from attune_fit.oracle_gain import compute_gains_over_random, compute_share, remove_levels
from attune_fit.workspace import Workspace, open_clinic

if TYPE_CHECKING:
    from attune_fit.pair_features import TrainingData

DEFAULT_WORLD = "published"


def simulate(
    clients: int | None = None,
    therapists: int | None = None,
    seed: int = 0,
    world: str | Path | World = DEFAULT_WORLD,
    *,
    items: bool = False,
    fit_share: float | None = None,
    therapist_share: float | None = None,
    mix: str | None = None,
) -> SimulatedWorld:
    """Simulate a clinic, its tables and the truth of every pair. No real person is in it.

    Parameters
    ----------
    clients, therapists : int, optional
        Number of people; a tenth of the clients wait. Default: the size of the world.
    seed : int, default 0
        The same seed gives the same clinic.
    world : str, path or World, default "published"
        The true effects: a named world (``attune simulate --worlds`` lists them), or a ``world.toml``.
    items : bool, default False
        Whether the tables also hold the twelve answers of each form.
    fit_share, therapist_share : float, optional
        Share of alliance variance from fit, which intake predicts, and from the therapist; 0 to 0.5. The pair's share
        grows with a larger ``fit_share``. Default: as in the world.
    mix : str, optional
        Which features carry fit: a name of :data:`MIXES`; ``"null"`` means none. Default: as in the world.

    Returns
    -------
    SimulatedWorld

    Raises
    ------
    DataFault
        If no world has this name, or its file has errors.
    ValueError
        If a number is too small, or the shares cannot be those of one world.

    Examples
    --------
    >>> world = simulate(clients=40, therapists=6, seed=1)
    >>> world
    SimulatedWorld(40 clients, 6 therapists, seed 1)
    >>> world.tables.outcomes["client_id"].nunique()
    36
    """
    clients, therapists = choose_size(world, clients, therapists)
    effects = build_world(world, fit_share, therapist_share, mix)
    made = synthetic.simulate(clients, therapists, seed, effects, items=items)
    return SimulatedWorld(made.tables, made.truth, seed)


def choose_size(world: str | Path | World, clients: int | None, therapists: int | None) -> tuple[int, int]:
    """Return the numbers of clients and therapists: those given, else those of the named world."""
    size = WORLDS.get(world if isinstance(world, str) else DEFAULT_WORLD, WORLDS[DEFAULT_WORLD])
    return size.clients if clients is None else clients, size.therapists if therapists is None else therapists


def build_world(
    world: str | Path | World,
    fit_share: float | None = None,
    therapist_share: float | None = None,
    mix: str | None = None,
) -> World:
    """Return a world with other shares, as :func:`simulate` takes them and with its errors.

    Where fit is larger than the pair's share, the share grows with it.
    """
    world = world if isinstance(world, World) else find_world(str(world))
    options = {"fit": fit_share, "therapist": therapist_share, "mix": mix}
    changes: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
    if mix is not None:
        changes["carriers"] = ()
    carriers = world.carrier_shares if mix is None else MIXES.get(mix, world.carrier_shares)
    if changes.get("fit") and not carriers:
        raise ValueError("no feature carries fit in this world: name the features with mix, or leave out the fit share")
    if mix == "null":
        changes["fit"] = 0.0
    if changes.get("fit", 0.0) > world.dyad:
        changes["dyad"] = changes["fit"]
    try:
        return world.replace(**changes) if changes else world
    except ValidationError as error:
        messages = [str(each["msg"]).removeprefix("Value error, ") for each in error.errors()]
        raise ValueError("; ".join(messages)) from None


@dataclass(frozen=True, eq=False, repr=False)
class SimulatedWorld:
    """A simulated clinic: what a clinic would know (``tables``), and what only a simulation knows (``truth``).

    Attributes
    ----------
    tables : Tables
        All that a method is allowed to learn from.
    truth : Truth
        Expected early alliance of every pair.
    seed : int
    """

    tables: Tables
    truth: Truth
    seed: int = 0

    def __repr__(self) -> str:
        sizes = f"{len(self.tables.clients):,} clients, {len(self.tables.therapists):,} therapists"
        return f"SimulatedWorld({sizes}, seed {self.seed})"

    def workspace(self, folder: Path | str | None = None) -> Workspace:
        """Write the clinic to a folder and open it.

        Parameters
        ----------
        folder : Path or str, optional
            A new folder; the truth is written to its folder ``truth``. Default: a temporary folder without the truth,
            which is removed when the workspace is no longer used.

        Returns
        -------
        Workspace

        Raises
        ------
        DataFault
            If the folder is not empty.
        """
        made = synthetic.SimulatedClinic(self.tables, self.truth)
        if folder is not None:
            check_new_folder(Path(folder))
            synthetic.write_clinic(made, Path(folder))
            return open_clinic(folder)
        temporary = tempfile.mkdtemp(prefix="attune-")
        synthetic.write_clinic(made, Path(temporary), truth=False)
        workspace = open_clinic(temporary)
        weakref.finalize(workspace, shutil.rmtree, temporary, ignore_errors=True)
        return workspace

    def training_data(self) -> TrainingData:
        """Return ``X, y, groups`` of the early ratings, as :meth:`Workspace.training_data` does."""
        from attune_fit.pair_features import build_training_data

        return build_training_data(_build_clinic(), self.tables)

    @cached_property
    def eligible(self) -> Bools:
        """Whether each therapist suits each client by the hard rules, openings aside, shape (clients, therapists)."""
        return is_eligible(self.truth.clients, self.truth.therapists)

    @cached_property
    def reachable(self) -> Floats:
        """Expected alliance of every pair in POMP, averaged over what no intake can predict: the limit of a method."""
        n_clients, n_therapists = self.eligible.shape
        rows = np.arange(n_clients)[:, None], np.arange(n_therapists)[None, :]
        return self.truth.compute_expected_alliance(*rows, chemistry=False)

    @cached_property
    def pair_part(self) -> Floats:
        """What intake predicts of who suits whom, without levels, shape (clients, therapists).

        In SD of one session's alliance, before the ceiling of the form. All 0 in the world ``null``.
        """
        n_clients, n_therapists = self.eligible.shape
        return self.truth.compute_parts(np.arange(n_clients)[:, None], np.arange(n_therapists)[None, :]).fit

    def oracle_gain(self, method: Any, *, pair_part: bool = False) -> float:
        r"""Return the share of an oracle's gain that a method gets, for the clients who wait.

        :math:`\sum_c (r_{c,first} - \bar r_c) / \sum_c (\max_t r_{ct} - \bar r_c)`, with :math:`r` the expected
        alliance without chemistry, over the therapists that are eligible for the client. Tied first places are
        averaged.

        Parameters
        ----------
        method : scikit-learn estimator, DataFrame or array
            An estimator is cloned and fitted to the records of this world, in the columns of :meth:`training_data`. A
            DataFrame has ``client_id``, ``therapist_id`` and a third column: the prediction for each pair. An array has
            the shape (clients, therapists), in the order of the tables. Any unit, higher is better.
        pair_part : bool, default False
            Whether only who suits whom counts: :math:`r` is then ``pair_part``, and the levels of therapists and
            clients are subtracted from the scores.

        Returns
        -------
        float
            At most 1, which is the oracle; 0 is an eligible therapist at random. NaN if there is nothing to gain: in
            the world ``null`` only the level of a therapist counts, so the pair part is NaN there.

        Raises
        ------
        ValueError
            If a prediction is missing for a client who waits and an eligible therapist.

        Examples
        --------
        >>> world = simulate(clients=60, therapists=8, seed=1)
        >>> world.oracle_gain(world.reachable)
        1.0
        """
        rows = np.asarray(find_waiting_clients(_build_clinic(), self.tables), dtype=np.intp)
        truth, scores = self.reachable[rows], self._score_pairs(method, rows)
        if pair_part:
            truth, scores = self.pair_part[rows], remove_levels(scores)
        gain, possible = compute_gains_over_random(truth, self.eligible[rows], scores)
        return compute_share(gain, possible)

    def _score_pairs(self, method: Any, rows: Indices) -> Floats:
        """Return a method's score of some clients with every therapist."""
        from sklearn.base import clone

        from attune_fit.pair_features import PairFeatures
        from attune_fit.prediction_matrix import build_score_matrix, cross_ids, predict_matrix

        clients = self.tables.clients["client_id"].iloc[rows]
        therapists = self.tables.therapists["therapist_id"]
        if isinstance(method, pd.DataFrame):
            return build_score_matrix(method, clients, therapists, required=self.eligible[rows])
        if not hasattr(method, "predict"):
            scores = np.asarray(method, dtype=float)
            if scores.shape != self.eligible.shape:
                raise ValueError(f"the array has the shape {scores.shape}; it must be {self.eligible.shape}.")
            if not np.isfinite(scores[rows][self.eligible[rows]]).all():
                raise ValueError("the array has a missing or infinite score of a client who waits.")
            return scores[rows]
        X, y, _ = self.training_data()
        pairs = PairFeatures(self.tables).fit_transform(cross_ids(clients, therapists))
        return predict_matrix(clone(method).fit(X, y), pairs[X.columns], len(therapists))


def check_new_folder(folder: Path) -> None:
    """Check that a folder is new or empty.

    Raises
    ------
    DataFault
        If it is not.
    """
    if folder.is_dir():
        finish_interrupted_write(folder)
    if folder.exists() and (not folder.is_dir() or not has_only_leftovers(folder)):
        fix = "Name a new or an empty folder; nothing was changed."
        raise DataFault.error("folder-not-empty", str(folder), "", "the folder is not empty", fix=fix)


def _build_clinic() -> Clinic:
    """Return a clinic with default settings and no folder of its own."""
    config = Config()
    return Clinic(Path(), config, list_instruments(config.instruments))
