"""Verbs about models: train, training data, the list of models, the model card, promote, roll back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from attune_fit.clinic_session import ClinicSession, check_at_least
from attune_fit.results import Result

if TYPE_CHECKING:
    from attune_fit.pair_features import TrainingData


class ModelVerbs(ClinicSession):
    """What can be done with the models of a clinic."""

    def train(
        self, model: str = "attune", *, trials: int = 0, minutes: float = 10.0, seed: int | None = None,
        jobs: int | None = 1, cluster: str | None = None,
    ) -> Result:  # fmt: skip
        """Train a model on the clinic's outcomes, and rank with it from now on if it is not worse than the active one.

        Parameters
        ----------
        model : str, default "attune"
            Name of a row of :data:`MODELS` that can be trained: ``attune train --models`` lists them.
        trials : int, default 0
            How many settings of LightGBM to try with Optuna.
        minutes : float, default 10
            No trial starts after this many minutes.
        seed : int, optional
            Default: the clinic's setting.
        jobs : int, default 1
            Processes of this machine that work at once; None is one for each core. The result is the same.
        cluster : str, optional
            A Dask cluster that works on folds and trials: the address of its scheduler, or ``local``.

        Returns
        -------
        Result
            Of a :class:`TrainingResult`. The frame has one row for each metric.

        Raises
        ------
        DataFault
            If no such model can be trained, or another command keeps the clinic locked; the message names the bundle.
        """
        from attune_fit.artifact_checks import list_artifact_notes
        from attune_fit.data.parallel.executor import count_cores
        from attune_fit.data.parallel.executor_choice import open_executor
        from attune_fit.result_frames import build_metrics_frame, convert_training
        from attune_fit.training.promotion.run_recorder import RunRecorder

        check_at_least(0, trials=trials, seed=seed)
        check_at_least(1, jobs=jobs)
        jobs = count_cores() if jobs is None else jobs
        changed = list_artifact_notes(self.clinic, tail=None)
        seed = self.clinic.config.settings.seed if seed is None else seed
        with open_executor(jobs, cluster) as executor, RunRecorder(has_own_process=jobs > 1) as recorder:
            recorder.start()  # it loads MLflow while this process reads the tables
            from attune_fit.training import train as training

            one = training.train(
                self.clinic,
                self.tables,
                seed=seed,
                trials=trials,
                minutes=minutes,
                report_progress=self.report_progress,
                model=model,
                executor=executor,
                recorder=recorder,
            )
        self._forget("model")
        records = f"from {one.n_outcomes:,} records"
        summary = (
            f"{one.bundle} (in use), {records}: {one.verdict.plain_sentence}" if one.promoted
            else f"{one.bundle} (not in use), {records}: {one.because.split('. ')[0].rstrip('.')}."
        )  # fmt: skip
        return Result(one, summary, lambda: build_metrics_frame(one), lambda: convert_training(one), changed)

    def training_data(self) -> TrainingData:
        """Return ``X, y, groups`` of the records that ``train`` uses, for scikit-learn.

        X holds ``client_id`` and ``therapist_id``, then the features; y is early alliance in POMP (0-100); groups holds
        the ids and the dates, for the splitters.

        Examples
        --------
        >>> import attune_fit as af
        >>> clinic = af.simulate(clients=40, therapists=6, seed=1).workspace()
        >>> X, y, groups = clinic.training_data()
        >>> len(X) == len(y) == len(groups), list(groups)
        (True, ['client_id', 'therapist_id', 'measured_on'])
        """
        from attune_fit.pair_features import build_training_data

        return build_training_data(self.clinic, self.tables)

    def models(self) -> Result:
        """List the bundles of the clinic, the decisions about them, and which one is live.

        Returns
        -------
        Result
            Of a :class:`ModelList`. The frame has one row for each decision of the ledger.
        """
        from attune_fit.model_records import read_model_list
        from attune_fit.result_frames import build_ledger_frame

        one = read_model_list(self.clinic)
        summary = f"{len(one.bundles)} models; {one.active} is live"
        return Result(one, summary, lambda: build_ledger_frame(one.ledger), one.to_dict)

    def model_card(
        self, bundle: str | None = None, *, out: Path | str | None = None, as_json: bool | None = None
    ) -> Result:
        """Return a bundle's model card: its purpose, its data, what was measured and what was not.

        Parameters
        ----------
        bundle : str, optional
            A name that ``models`` lists. Default: the live model.
        out : Path or str, optional
            Also write the card to this file: JSON if the name ends in .json, a page with charts if it ends in .html,
            else Markdown.
        as_json : bool, optional
            Whether ``out`` is JSON whatever its name. Default: by its name.

        Returns
        -------
        Result
            Of a :class:`ModelCard`; its ``to_markdown`` is the page. The frame has one row for each fact.

        Raises
        ------
        DataFault
            If there is no such bundle, its card cannot be read, or ``out`` is one of the clinic's own files.
        """
        from attune_fit.model_records import read_model_card
        from attune_fit.result_frames import build_facts_frame

        one = read_model_card(self.clinic, bundle)
        if out is not None:
            kind = Path(out).suffix.lower()
            as_json = kind == ".json" if as_json is None else as_json
            text = one.to_json() if as_json else one.to_html() if kind == ".html" else one.to_markdown()
            self.write_text(Path(out), text)
        return Result(one, f"model card of {one.bundle}", lambda: build_facts_frame(one.facts), lambda: one.facts)

    def promote(self, bundle: str, because: str, *, by: str = "") -> Result:
        """Rank with this bundle from now on, also where its training refused it.

        Parameters
        ----------
        bundle : str
            A name that ``models`` lists; ``day0`` is the starting model.
        because : str
            The reason; the ledger keeps it.
        by : str, optional
            Who decided; the ledger keeps it.

        Returns
        -------
        Result
            Of a dict: ``live``, ``because``, and what this ``overrides``.

        Raises
        ------
        DataFault
            If there is no such bundle, it cannot be read, it is already live, the reason is empty, or another command
            keeps the clinic locked.
        """
        from attune_fit.training.promotion.activate import promote_bundle

        overrides = promote_bundle(self.clinic, self.tables, bundle, because, by, self.report_progress)
        self._forget("model")
        return _build_decision({"live": bundle, "because": because, "overrides": overrides})

    def rollback(self, because: str = "", *, by: str = "") -> Result:
        """Rank again with the bundle that was live before; with the starting model if there was none.

        Parameters as in ``promote``.

        Returns
        -------
        Result
            Of a dict: the bundle that is ``live`` now, and the one it ``replaced``.

        Raises
        ------
        DataFault
            If no model was live before the starting model, or the previous bundle cannot be read, or another command
            keeps the clinic locked.
        """
        from attune_fit.training.promotion.activate import roll_back

        active, replaced = roll_back(self.clinic, self.tables, because, by, self.report_progress)
        self._forget("model")
        return _build_decision({"live": active, "replaced": replaced})


def _build_decision(decision: dict[str, str]) -> Result:
    """Return the result of a decision about the live model."""
    import pandas as pd

    return Result(decision, f"{decision['live']} is live", lambda: pd.DataFrame([decision]), lambda: decision)
