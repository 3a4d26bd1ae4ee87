"""A planted difference is found; where there is none, differences are as frequent as by chance."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from attune_fit.data.clinic.tables import Tables, complete_columns
from attune_fit.data.small_cells import MIN_GROUP_SIZE
from attune_fit.data.synthetic.simulate import simulate
from attune_fit.matching.fairness.audit import FairnessAudit, audit
from attune_fit.matching.fairness.group_comparison import GroupResult
from attune_fit.matching.fairness.group_metrics import GROUP_METRICS, HeldOutResiduals
from attune_fit.matching.ranking.rank import rank_each
from attune_fit.matching.ranking.scored_roster import RosterScorer
from attune_fit.models.alliance_model import AllianceModel
from tests.matching.builders import busy, experienced, opened, published
from tests.strategies import Cells, clinic

N_MARS, N_CLIENTS = 40, 300


@cache
def town() -> Tables:
    """A synthetic clinic with meaningless groups: each client is from one of three towns at random."""
    tables = simulate(N_CLIENTS, 30, seed=11, waiting=100).tables
    rng = np.random.default_rng(0)
    drawn = {f"town{number:02}": rng.choice(["a", "b", "c"], N_CLIENTS) for number in range(25)}
    return replace(tables, clients=complete_columns("clients", tables.clients.assign(**drawn)))


@cache
def audit_town() -> FairnessAudit:
    """Audit of that clinic by 25 random groupings."""
    towns = [name for name in town().clients if str(name).startswith("town")]
    toml = f"[fairness]\ngroups = {json.dumps(towns)}\ntherapist_groups = []"
    rng = np.random.default_rng(1)
    rows, therapists = np.arange(200), rng.integers(0, 30, 200)
    missed = rng.normal(size=200) + rng.normal(size=30)[therapists]
    scorer = RosterScorer.from_clinic(published(), opened(toml), town())
    return audit(scorer, everyone=True, held_out=HeldOutResiduals(rows, therapists, missed))


def planted(attribute: str = "gender", strength: str = "prefer") -> Tables:
    """The same clinic with 40 clients from Mars, whose wish no therapist meets."""
    tables = town()
    home = np.array(["mars"] * N_MARS + ["earth"] * (N_CLIENTS - N_MARS))
    theirs = tables.clients["client_id"].iloc[:N_MARS]
    wishes = tables.preferences[~tables.preferences["client_id"].isin(theirs)]
    more = pd.DataFrame({"client_id": theirs, "attribute": attribute, "value": "martian", "strength": strength})
    clients = complete_columns("clients", tables.clients.assign(home=home))
    return replace(tables, clients=clients, preferences=complete_columns("preferences", pd.concat([wishes, more])))


def find_cell(found: FairnessAudit, figure: str, column: str, group: str) -> GroupResult:
    return next(one for one in found.compared.list_cells(figure, column) if one.group == group)


def run_audit(tables: Tables, toml: str, model: AllianceModel | None = None) -> FairnessAudit:
    return audit(RosterScorer.from_clinic(model or published(), opened(toml), tables), everyone=True)


def test_a_group_whose_wishes_no_therapist_meets_is_found() -> None:
    found = run_audit(planted(), '[fairness]\ngroups = ["home", "town00", "town01"]')
    mars, earth = (find_cell(found, "wishes", "home", group) for group in ("mars", "earth"))
    assert mars.here is not None
    assert earth.here is not None
    assert (mars.people, mars.here.value) == (N_MARS, 0.0)
    assert earth.here.value > 0.4
    assert mars.stands_out
    assert earth.again != mars.again, "a group and its complement are one difference"
    assert mars.apart is not None
    assert mars.apart.value == pytest.approx(-earth.here.value)


def test_a_group_with_must_wishes_no_therapist_meets_has_no_candidates_and_no_wish_met() -> None:
    """Clients with an empty list count in the wishes: without them, the worst cases would be hidden."""
    found = run_audit(planted(strength="must"), '[fairness]\ngroups = ["home"]')
    for figure, value in (("no_candidate", 1.0), ("few", 1.0), ("wishes", 0.0), ("candidates", 0.0)):
        cell = find_cell(found, figure, "home", "mars")
        assert cell.here is not None
        assert cell.here.value == value, figure
        assert cell.stands_out, figure
    assert find_cell(found, "expected", "home", "mars").people == 0


def test_meaningless_groups_differ_as_often_as_by_chance() -> None:
    compared = audit_town().compared
    assert compared.looked > 600
    assert compared.beyond / compared.looked == pytest.approx(0.05, abs=0.025)
    assert sum(one.stands_out for one in compared.cells) <= 2


def test_every_metric_is_measured_and_all_people_come_first() -> None:
    compared = audit_town().compared
    for figure in GROUP_METRICS:
        whole, *groups = compared.list_cells(figure.name)
        assert (whole.column, whole.group, whole.apart) == ("", "", None)
        assert whole.here is not None, figure.name
        assert len(groups) == (75 if figure.side == "client" else 0)


def test_metrics_agree_with_the_rankings() -> None:
    found = run_audit(busy(), "[settings]\nshortlist = 12", experienced())
    lists = list(
        rank_each(
            RosterScorer.from_clinic(experienced(), opened("[settings]\nshortlist = 12"), busy()),
            list(busy().clients["client_id"]),
        )
    )
    some = [one.candidates for one in lists if one.candidates]
    wishing = [ranking for ranking in lists if busy().preferences["client_id"].eq(ranking.client_id).any()]
    honoured = [
        float(np.mean([wish.answer == "met" for wish in one.candidates[0].wishes])) if one.candidates else 0.0
        for one in wishing
    ]
    plain = {
        "candidates": np.mean([len(one.candidates) for one in lists]),
        "no_candidate": np.mean([not one.candidates for one in lists]),
        "few": np.mean([len(one.candidates) < 12 for one in lists]),
        "wishes": np.mean(honoured),
        "expected": np.mean([one[0].score for one in some]),
    }
    for name, value in plain.items():
        whole = found.compared.list_cells(name)[0]
        assert whole.here is not None
        assert whole.here.value == pytest.approx(value, abs=1e-6), name


def test_waits_are_days_from_referral() -> None:
    """12 wait, referred 1 to 12 days ago; 12 had a first rating after 10 days; 1 was referred after the export."""
    ago = [*range(1, 13), *[40] * 12, -5]
    days = [np.datetime64("2026-06-15") - np.timedelta64(day, "D") for day in ago]
    met = [np.datetime64("2026-06-15") - np.timedelta64(30, "D")] * 12
    outcomes: Cells = {
        "client_id": [f"c{row}" for row in range(12, 24)],
        "therapist_id": ["t0"] * 12,
        "measured_on": met,
    }
    tables = clinic({"referred_on": days}, {"age": [40]}, outcomes=outcomes)
    found = run_audit(tables, "")
    waited, until = (found.compared.list_cells(name)[0] for name in ("waited", "until_met"))
    assert waited.here is not None
    assert until.here is not None
    assert (waited.people, waited.here.value) == (12, 6.5)
    assert (until.people, until.here.value) == (12, 10.0)


def test_no_small_group_is_reported_anywhere() -> None:
    found = run_audit(busy(), "", experienced())
    hidden = [one for one in found.compared.cells if one.people is None]
    assert hidden
    for cell in found.compared.cells:
        assert cell.people in (None, 0) or cell.people >= MIN_GROUP_SIZE
    assert all((one.here, one.apart, one.adjusted) == (None, None, None) for one in hidden)
    text = json.dumps(found.to_dict(), allow_nan=False)
    assert not any(one in text for one in busy().clients["client_id"])
    assert not any(f'"{one}"' in text for one in busy().therapists["therapist_id"])


def test_a_clinic_without_waiting_clients_or_outcomes_has_an_empty_audit() -> None:
    for tables in (clinic({"age": [30]}, {"age": [40]}), clinic({"age": [None]}, {"age": []})):
        for everyone in (True, False):
            found = audit(RosterScorer.from_clinic(published(), opened(), tables), everyone)
            assert found.compared.looked == 0
            assert found.spread is None
            assert found.newcomers is None
