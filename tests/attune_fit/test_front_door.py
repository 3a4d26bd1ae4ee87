"""The front door: few public names, loaded when asked for, whose signatures do not change by accident."""

# ruff: noqa: E501 (a signature is one line)

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

import attune_fit as af
from attune_fit.training.hypotheses.hypothesis import Alternatives

SIGNATURES = {
    "AllianceRegressor": "(*, features: 'Sequence[Feature] | None' = None, prior: 'str' = 'starting', neutral_prior_sd: 'float' = 0.5, trees: 'bool' = False, random_state: 'Any' = 0) -> 'None'",
    "ClientFold": "(n_splits: 'int' = 5, *, random_state: 'Any' = 0) -> 'None'",
    "DataFault": "(faults: 'Iterable[Fault]', files: 'Iterable[ReadFile]' = ()) -> 'None'",
    "PairFeatures": "(tables: 'Tables', *, config: 'Config | None' = None, keep_ids: 'bool' = True) -> 'None'",
    "Result": "(result: 'Any', summary: 'str', build_frame: 'Callable[[], pd.DataFrame]', build_dict: 'Callable[[], Any]', notes: 'tuple[str, ...]' = (), set_aside: 'tuple[str, ...]' = ()) -> None",
    "SimulatedWorld": "(tables: 'Tables', truth: 'Truth', seed: 'int' = 0) -> None",
    "TherapistFold": "(n_splits: 'int' = 5, *, random_state: 'Any' = 0) -> 'None'",
    "TimeFold": "()",
    "Workspace": "(folder: 'Path | str', report_progress: 'ReportProgress | None' = None, event: 'int | None' = None) -> 'None'",
    "compare_models": "(models: 'Mapping[str, Any]', X: 'pd.DataFrame', y: 'Any', groups: 'pd.DataFrame | None' = None, *, cv: 'Any' = None, pair_features: 'PairFeatures | None' = None, world: 'SimulatedWorld | None' = None) -> 'pd.DataFrame'",
    "cross_validate": "(estimator: 'Any', X: 'pd.DataFrame', y: 'Any', groups: 'pd.DataFrame | None' = None, *, cv: 'Any' = None) -> 'pd.DataFrame'",
    "open_clinic": "(folder: 'Path | str', event: 'int | None' = None, *, report_progress: 'ReportProgress | None' = None) -> 'Workspace'",
    "simulate": "(clients: 'int | None' = None, therapists: 'int | None' = None, seed: 'int' = 0, world: 'str | Path | World' = 'published', *, items: 'bool' = False, fit_share: 'float | None' = None, therapist_share: 'float | None' = None, mix: 'str | None' = None) -> 'SimulatedWorld'",
    "simulate_study_power": "(file: 'Path | str | Hypothesis | None' = None, *, kind: 'str | None' = None, effects: 'Sequence[Any]' = (), therapists: 'Sequence[int]' = (), outcomes: 'Sequence[int]' = (), per_therapist: 'float | None' = None, caseloads: 'Caseloads' = 'uneven', therapist_share: 'float | None' = None, slope_sd: 'float | None' = None, rate: 'float | None' = None, target: 'float | None' = None, precision: 'float | None' = None, seed: 'int | None' = None, report_progress: 'ReportProgress | None' = None) -> 'Result'",
}
METHODS = {
    "SimulatedWorld.oracle_gain": "(self, method: 'Any', *, pair_part: 'bool' = False) -> 'float'",
    "SimulatedWorld.training_data": "(self) -> 'TrainingData'",
    "SimulatedWorld.workspace": "(self, folder: 'Path | str | None' = None) -> 'Workspace'",
    "Workspace.accounts": "(self) -> 'Result'",
    "Workspace.add_account": "(self, name: 'str', role: 'str', therapist: 'str | None' = None) -> 'Result'",
    "Workspace.agreement": "(self, *, since: 'Day | None' = None, until: 'Day | None' = None, out: 'Path | str | None' = None) -> 'Result'",
    "Workspace.allocate_client": "(self, trial: 'str', client_id: 'str') -> 'Result'",
    "Workspace.analyse_trial": "(self, trial: 'str', *, unplanned: 'str' = '', end: 'str' = '') -> 'Result'",
    "Workspace.assign": "(self, policy: 'str | Sequence[str]' = (), *, pin: 'IdPairs' = (), refuse: 'IdPairs' = (), keep: 'Mapping[str, str] | pd.DataFrame | Result | Path | str | None' = None, seed: 'int | None' = None, log: 'bool' = False, out: 'Path | str | None' = None, raw: 'bool' = False) -> 'Result'",
    "Workspace.back_up_journal": "(self, path: 'Path | str') -> 'Result'",
    "Workspace.capacity": "(self, *, codes: 'int' = 10, out: 'Path | str | None' = None, raw: 'bool' = False) -> 'Result'",
    "Workspace.check": "(self, *, show_mapping: 'bool' = False) -> 'Result'",
    "Workspace.check_not_set_aside": "(self, client_id: 'str') -> 'None'",
    "Workspace.check_output_path": "(self, target: 'Path') -> 'None'",
    "Workspace.check_table_path": "(self, target: 'Path') -> 'None'",
    "Workspace.client": "(self, client_id: 'str') -> 'Result'",
    "Workspace.client_form": "(self) -> 'Result'",
    "Workspace.compare": "(self, client_id: 'str', therapist_ids: 'Sequence[str]') -> 'Result'",
    "Workspace.convert": "(self, target: 'Path | str') -> 'Result'",
    "Workspace.count_events": "(self) -> 'int'",
    "Workspace.disable_account": "(self, name: 'str', *, version: 'int | None' = None) -> 'Result'",
    "Workspace.enable_account": "(self, name: 'str', *, version: 'int | None' = None) -> 'Result'",
    "Workspace.explain": "(self, client_id: 'str', therapist_id: 'str') -> 'Result'",
    "Workspace.fairness": "(self, *, everyone: 'bool' = False) -> 'Result'",
    "Workspace.find_clients": "(self, text: 'str', *, among: 'Collection[str] | None' = None, most: 'int' = 50) -> 'Result'",
    "Workspace.follow_up": "(self, *, therapist: 'str | None' = None, client: 'str | None' = None) -> 'Result'",
    "Workspace.forget": "(self, side: 'PersonSide', id: 'str') -> 'Result'",
    "Workspace.form_fields": "(self, table: 'str') -> 'Result'",
    "Workspace.get_scorer": "(self, seed: 'int | None' = None) -> 'RosterScorer'",
    "Workspace.hypotheses": "(self) -> 'Result'",
    "Workspace.journal": "(self, *, since: 'Day | None' = None, until: 'Day | None' = None, client: 'str | None' = None, therapist: 'str | None' = None, last: 'int | None' = None, settled: 'bool' = False, out: 'Path | str | None' = None, raw: 'bool' = False) -> 'Result'",
    "Workspace.list_mapping": "(self) -> 'Result'",
    "Workspace.list_client_ids": "(self, *, waiting_only: 'bool') -> 'list[str]'",
    "Workspace.list_set_aside": "(self) -> 'tuple[str, ...]'",
    "Workspace.log": "(self, *, last: 'int | None' = None, client_id: 'str | None' = None, therapist_id: 'str | None' = None, since: 'Day | None' = None, until: 'Day | None' = None) -> 'Result'",
    "Workspace.model_card": "(self, bundle: 'str | None' = None, *, out: 'Path | str | None' = None, as_json: 'bool | None' = None) -> 'Result'",
    "Workspace.models": "(self) -> 'Result'",
    "Workspace.own_clients": "(self, therapist_id: 'str') -> 'Result'",
    "Workspace.page_audit": "(self, *, last: 'int' = 100, name: 'str | None' = None, client: 'str | None' = None) -> 'Result'",
    "Workspace.plan_leave": "(self, therapist_id: 'str', *, also: 'Collection[str]' = ()) -> 'Result'",
    "Workspace.plan_trial": "(self, plan: 'Path | str | TrialPlan', *, preview: 'bool' = False, runs: 'int | None' = None, out: 'Path | str | None' = None) -> 'Result'",
    "Workspace.policy_value": "(self, *, seed: 'int | None' = None, out: 'Path | str | None' = None) -> 'Result'",
    "Workspace.power": "(self, file: 'Path | str | Hypothesis | None' = None, *, kind: 'str | None' = None, effects: 'Sequence[Any]' = (), therapists: 'Sequence[int]' = (), outcomes: 'Sequence[int]' = (), per_therapist: 'float | None' = None, therapist_share: 'float | None' = None, slope_sd: 'float | None' = None, rate: 'float | None' = None, target: 'float | None' = None, precision: 'float | None' = None, seed: 'int | None' = None) -> 'Result'",
    "Workspace.preview_placement": "(self, policy: 'str' = '', *, pin: 'IdPairs' = (), refuse: 'IdPairs' = (), keep: 'bool' = True, seed: 'int | None' = None, log: 'bool' = False) -> 'Result'",
    "Workspace.promote": "(self, bundle: 'str', because: 'str', *, by: 'str' = '') -> 'Result'",
    "Workspace.rank": "(self, client_id: 'str', *, seed: 'int | None' = None, log: 'bool' = False, shortlist: 'int | None' = None) -> 'Result'",
    "Workspace.rank_waiting": "(self, *, everyone: 'bool' = False, seed: 'int | None' = None, log: 'bool' = False, shortlist: 'int | None' = None) -> 'Result'",
    "Workspace.read_tables_at": "(self, as_of: 'TableDay', n_events: 'int') -> 'Tables'",
    "Workspace.record": "(self, event: 'str', *, client: 'str | None' = None, therapist: 'str | None' = None, on: 'Day | None' = None, number: 'int | None' = None, new_codes: 'bool' = False, expected: 'int | None' = None, actor: 'str | None' = None, **values: 'Any') -> 'Result'",
    "Workspace.record_all": "(self, drafts: 'Sequence[Mapping[str, Any]]', *, expected: 'int | None' = None, actor: 'str | None' = None) -> 'Result'",
    "Workspace.refresh": "(self) -> 'tuple[str, ...]'",
    "Workspace.register_hypothesis": "(self, hypothesis: 'Hypothesis | Path | str', *, by: 'str' = '') -> 'Result'",
    "Workspace.relax": "(self, client_id: 'str', *, most: 'int' = 10) -> 'Result'",
    "Workspace.rematch": "(self, client_id: 'str', *, seed: 'int | None' = None, log: 'bool' = False, shortlist: 'int | None' = None) -> 'Result'",
    "Workspace.replay": "(self, line: 'str | None' = None) -> 'Result'",
    "Workspace.reset_account": "(self, name: 'str', *, version: 'int | None' = None) -> 'Result'",
    "Workspace.restore_journal": "(self, path: 'Path | str') -> 'Result'",
    "Workspace.revoke_sessions": "(self, name: 'str', *, session: 'str | None' = None) -> 'Result'",
    "Workspace.rollback": "(self, because: 'str' = '', *, by: 'str' = '') -> 'Result'",
    "Workspace.roster": "(self, *, state: 'str | None' = None) -> 'Result'",
    "Workspace.sessions": "(self, name: 'str | None' = None) -> 'Result'",
    "Workspace.set_up_desk": "(self) -> 'Result'",
    "Workspace.start_journal_anew": "(self) -> 'Result'",
    "Workspace.test_hypothesis": "(self, hypothesis: 'Hypothesis | Path | str | Sequence[Hypothesis | Path | str]', *, correction: 'str' = 'holm', out: 'Path | str | None' = None) -> 'Result'",
    "Workspace.therapist": "(self, therapist_id: 'str') -> 'Result'",
    "Workspace.today": "(self) -> 'Result'",
    "Workspace.train": "(self, model: 'str' = 'attune', *, trials: 'int' = 0, minutes: 'float' = 10.0, seed: 'int | None' = None, jobs: 'int | None' = 1, cluster: 'str | None' = None) -> 'Result'",
    "Workspace.training_data": "(self) -> 'TrainingData'",
    "Workspace.trial_status": "(self, trial: 'str') -> 'Result'",
    "Workspace.upgrade_journal": "(self) -> 'Result'",
    "Workspace.variance": "(self, *, sessions: 'str | tuple[int, int]' = 'early', scale: 'str' = 'total', out: 'Path | str | None' = None) -> 'Result'",
    "Workspace.verify_journal": "(self) -> 'Result'",
    "Workspace.verify_log": "(self) -> 'Result'",
    "Workspace.waiting_list": "(self, *, state: 'str | None' = None, priority: 'str | None' = None, sort: 'str' = 'priority', start: 'int' = 0, most: 'int | None' = None) -> 'Result'",
    "Workspace.who_fits": "(self, therapist_id: 'str', most: 'int | None' = 20) -> 'Result'",
    "Workspace.why_not": "(self, client_id: 'str', therapist_id: 'str', *, against: 'str | None' = None) -> 'Result'",
    "Workspace.worklist": "(self, *, everyone: 'bool' = False, seed: 'int | None' = None, log: 'bool' = False) -> 'Result'",
    "Workspace.write_rankings": "(self, target: 'Path | str', client_id: 'str | None' = None, *, everyone: 'bool' = False, seed: 'int | None' = None, raw: 'bool' = False, top: 'int | None' = None, excluded: 'bool | None' = None, jobs: 'int | None' = None, cluster: 'str | None' = None) -> 'Result'",
    "Workspace.write_text": "(self, target: 'Path', text: 'str') -> 'None'",
}


def run(code: str) -> None:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def describe_methods(owner: type) -> dict[str, str]:
    names = [name for name in dir(owner) if not name.startswith("_")]
    return {
        f"{owner.__name__}.{name}": str(inspect.signature(getattr(owner, name)))
        for name in names
        if inspect.isfunction(getattr(owner, name))
    }


def test_public_names_and_signatures_are_these() -> None:
    signatures = {name: str(inspect.signature(getattr(af, name))) for name in af.__all__ if name != "Hypothesis"}
    assert signatures == SIGNATURES


def test_the_keys_of_a_hypothesis_are_these() -> None:
    """A clinic's files hold them, and the digest of a registered hypothesis depends on their names and defaults."""
    assert {name: field.get_default() for name, field in af.Hypothesis.model_fields.items() if not field.is_required()} == {
        "source": "", "published_r2": None, "published_n": None, "outcome": "total", "direction": "both",
        "smallest_effect": 0.1, "alpha": 0.05, "prior_sd": 0.1, "covariates": [], "exclusions": [], "seed": 1,
        "subgroup": None, "alternatives": Alternatives(),
    }  # fmt: skip
    assert [name for name, field in af.Hypothesis.model_fields.items() if field.is_required()] == [
        "name",
        "claim",
        "feature",
    ]


def test_public_methods_and_their_signatures_are_these() -> None:
    assert {**describe_methods(af.Workspace), **describe_methods(af.SimulatedWorld)} == METHODS


def test_importing_costs_nothing() -> None:
    run("import sys, attune_fit\n"
        "assert not {'numpy', 'pandas', 'sklearn', 'scipy', 'pydantic', 'lightgbm'} & set(sys.modules)\n"
        "assert not [name for name in sys.modules if name.startswith('attune_fit.')]")  # fmt: skip


def test_a_name_loads_only_what_it_needs() -> None:
    run("import sys, attune_fit as af\naf.DataFault\nassert 'numpy' not in sys.modules")
    run("import sys, attune_fit as af\naf.open_clinic\nassert 'sklearn' not in sys.modules")


def test_every_public_name_is_listed_and_has_a_docstring_with_an_example_or_parameters() -> None:
    assert set(af.__all__) <= set(dir(af))
    for name in af.__all__:
        assert inspect.getdoc(getattr(af, name)), name


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(AttributeError, match=r"no attribute 'rank'; it has AllianceRegressor, .*simulate"):
        af.rank  # noqa: B018
