"""The agreement report: it finds the planted rates, hides small groups for good, and counts nothing by person."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import attune_fit as af
from attune_fit.data.journal.events.reason_codes import OVERRIDE_REASONS
from attune_fit.data.small_cells import MIN_GROUP_SIZE
from attune_fit.offer_agreement import (
    NO_REASON,
    AgreementReport,
    ListedOffer,
    NamedShare,
    OfferShare,
    build_agreement_report,
    compute_share,
)
from tests.attune_fit.journal_day import THERAPIST, ids
from tests.conftest import SAMPLE, Attune

DAY = dt.date(2026, 3, 2)
CODES = [reason.code for reason in OVERRIDE_REASONS]
FIRST_RATE, BAND_RATE, REASON_RATE = 0.7, 0.85, 0.4  # of the first place; of the first band; of CODES[0] otherwise


def simulate_offers(seed: int, n: int = 300) -> list[ListedOffer]:
    """Draw offers whose true rates are known."""
    draws = np.random.default_rng(seed).random((n, 2)).tolist()
    offers = []
    for place, reason in draws:
        is_first, is_in_band = place < FIRST_RATE, place < BAND_RATE
        code = "" if is_first else CODES[0] if reason < REASON_RATE else CODES[1]
        offers.append(ListedOffer(DAY, 1 if is_first else 3, 1 if is_in_band else 2, code))
    return offers


def test_the_intervals_cover_the_true_rates() -> None:
    """300 clinics: a coverage under .92 has a chance of under .01 where the true one is .95."""
    n_clinics, covered = 300, Counter[str]()
    truth = {"place": FIRST_RATE, "band": BAND_RATE, "reason": REASON_RATE}
    for seed in range(n_clinics):
        report = build_agreement_report(simulate_offers(seed))
        reason = next(one.share for one in report.reasons if one.name == CODES[0])
        shares = {"place": report.first_place, "band": report.first_band, "reason": reason}
        covered.update(name for name, share in shares.items() if share and share.low <= truth[name] <= share.high)
    assert min(covered[name] for name in truth) > 0.92 * n_clinics
    assert max(covered.values()) < n_clinics  # an interval of everything would cover always


def test_the_interval_is_the_published_one() -> None:
    """Newcombe (1998), Stat. Med. 17, 857-872, table I: 81 of 263 and 15 of 148."""
    for count, of, low, high in ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605)):
        share = compute_share(count, of)
        assert share is not None
        assert (round(share.low, 4), round(share.high, 4)) == (low, high)
    lowest, highest = compute_share(0, 40), compute_share(40, 40)
    assert lowest is not None
    assert highest is not None
    assert (lowest.low, highest.high) == (0, 1)
    assert lowest.high == pytest.approx(1 - highest.low)


def test_the_parts_are_counted_as_they_were_planted() -> None:
    offers = [
        *(ListedOffer(DAY, 1, 1) for _ in range(30)),
        *(ListedOffer(DAY, 2, 1) for _ in range(12)),
        *(ListedOffer(DAY, 5, 2, CODES[1]) for _ in range(18)),
        *(ListedOffer(DAY) for _ in range(3)),
    ]
    report = build_agreement_report(offers)
    assert (report.n_offers, report.n_without_place) == (60, "fewer than 10")
    assert report.first_place == compute_share(30, 60)
    assert report.first_band == compute_share(42, 60)
    assert [(one.name, one.share and (one.share.count, one.share.of)) for one in report.reasons] == [
        (CODES[1], (18, 30)), (NO_REASON, (12, 30)),
    ]  # fmt: skip
    assert all(one.meaning for one in report.reasons)
    assert [one.name for one in report.months] == ["2026-03"]
    assert "no measure of quality" in report.caution


def test_few_offers_have_no_report() -> None:
    report = build_agreement_report([ListedOffer(DAY, 1, 1)] * 8 + [ListedOffer(DAY, 4, 2, CODES[0])])
    assert (report.n_offers, report.first_place, report.first_band) == ("fewer than 10", None, None)
    assert [one.share for one in (*report.reasons, *report.months)] == [None, None]
    assert report.has_hidden
    assert not any(character.isdigit() for character in report.summary.replace("fewer than 10", ""))


@given(st.lists(st.integers(0, 25), min_size=1, max_size=6), st.lists(st.integers(0, 25), min_size=1, max_size=6))
def test_no_hidden_group_can_be_found_by_subtraction(reasons: list[int], months: list[int]) -> None:
    """A reader who subtracts any shown groups from the total is left with no small group, and with no single one."""
    others = [ListedOffer(DAY, 2, 2, CODES[i]) for i, number in enumerate(reasons) for _ in range(number)]
    check_hidden(build_agreement_report(others).reasons, Counter(one.override for one in others))
    days = [dt.date(2026, 1 + i, 3) for i, number in enumerate(months) for _ in range(number)]
    check_hidden(
        build_agreement_report([ListedOffer(day, 1) for day in days]).months, Counter(f"{d:%Y-%m}" for d in days)
    )


def check_hidden(named: tuple[NamedShare, ...], counts: Counter[str]) -> None:
    total = sum(counts.values())
    assert {one.name for one in named} == counts.keys()
    shown = [one.name for one in named if one.share is not None]
    hidden = counts.keys() - set(shown)
    assert all(counts[name] >= MIN_GROUP_SIZE for name in shown)
    if total < MIN_GROUP_SIZE:
        assert not shown
    for n_subtracted in range(len(shown) + 1):
        for some in itertools.combinations(shown, n_subtracted):
            rest = total - sum(counts[name] for name in some)
            is_whole = total < MIN_GROUP_SIZE  # the total is hidden too
            assert is_whole or rest == 0 or rest >= MIN_GROUP_SIZE
    assert len(hidden) != 1 or total < MIN_GROUP_SIZE


@pytest.mark.parametrize(("n_without_band", "is_shown"), [(0, True), (4, False), (MIN_GROUP_SIZE, True)])
def test_the_band_is_hidden_where_the_rest_is_small(n_without_band: int, is_shown: bool) -> None:
    offers = [ListedOffer(DAY, 1, 1)] * 30 + [ListedOffer(DAY, 2)] * n_without_band
    assert (build_agreement_report(offers).first_band is not None) == is_shown


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """The sample clinic with 12 offers at the first place, the first of them taken back; and the clients."""
    folder = tmp_path_factory.mktemp("agreement") / "clinic"
    shutil.copytree(SAMPLE, folder)
    workspace = af.open_clinic(folder)
    clients = workspace.list_client_ids(waiting_only=True)[:12]
    drafts: list[dict[str, Any]] = [{"event": "opening_set", "therapist": THERAPIST, "openings": 12}]
    drafts += [{"event": "offered", "client": one, "therapist": THERAPIST, "rank": 1, "band": 1} for one in clients]
    workspace.record_all([*drafts, {"event": "undone", "number": 2, "because": "wrong-entry"}])
    return folder, clients


def test_offers_of_the_journal_count_once_and_not_when_taken_back(
    recorded: tuple[Path, list[str]], tmp_path: Path
) -> None:
    folder = tmp_path / "clinic"
    shutil.copytree(recorded[0], folder)
    workspace = af.open_clinic(folder)
    assert workspace.agreement().result.first_place == compute_share(11, 11)
    workspace.record("offered", client=recorded[1][0], therapist=THERAPIST, rank=3, band=2, override=CODES[0])
    result = workspace.agreement(out=tmp_path / "agreement.csv")
    assert result.result.first_place == compute_share(11, 12)
    assert result.result.first_band == compute_share(11, 12)
    assert [one.share for one in result.result.reasons] == [None]  # one offer
    assert result.to_frame()["what"].tolist() == ["first place", "first band", "reason", "first place in month"]
    assert len(pd.read_csv(tmp_path / "agreement.csv")) == 4


def test_a_period_limits_the_offers(recorded: tuple[Path, list[str]]) -> None:
    workspace = af.open_clinic(recorded[0])
    today = workspace.tables.as_of
    assert workspace.agreement(since=today + dt.timedelta(days=1)).result.first_place is None
    assert workspace.agreement(since=today, until=today).result.first_place == compute_share(11, 11)
    with pytest.raises(af.DataFault) as error:
        workspace.agreement(since="March")
    assert ids(error) == ["journal-day-unreadable"]


def test_no_person_is_in_the_report(recorded: tuple[Path, list[str]]) -> None:
    workspace = af.open_clinic(recorded[0])
    texts = json.dumps(workspace.agreement().to_dict()) + workspace.agreement().to_frame().to_csv()
    people = {*recorded[1], *workspace.tables.therapists["therapist_id"]}
    assert not [one for one in people if f'"{one}"' in texts or f",{one}," in texts]


def test_a_place_is_read_from_the_line_of_the_log(clinic: Path) -> None:
    workspace = af.open_clinic(clinic)
    client = next(
        one for one in workspace.list_client_ids(waiting_only=True) if len(workspace.rank(one).result.candidates) > 1
    )
    ranking = workspace.rank(client, log=True, shortlist=2).result
    [row] = workspace.log().result
    second = ranking.candidates[1].therapist_id
    workspace.record("offered", client=client, therapist=second, line=int(row.line))
    other = next(one for one in workspace.list_client_ids(waiting_only=True) if one != client)
    workspace.record("offered", client=other, therapist=second, line=int(row.line), on=DAY.replace(year=2020))
    report = workspace.agreement().result
    assert (report.n_offers, report.n_without_place) == ("fewer than 10", "fewer than 10")  # the line is of one client
    assert [one.name for one in report.reasons] == [NO_REASON]


def test_the_command_shows_shares_and_hides_small_ones(recorded: tuple[Path, list[str]], attune: Attune) -> None:
    assert "nothing to compare" in attune("agreement", SAMPLE).stdout
    shown = attune("agreement", recorded[0])
    assert shown.exit_code == 0
    assert shown.stdout.startswith("The first place was offered in 100% of 11 offers (95% interval 74% to 100%).")
    assert "no measure of quality" in shown.stdout + shown.stderr
    assert (
        json.loads(attune("agreement", recorded[0], "--json").stdout)
        == af.open_clinic(recorded[0]).agreement().to_dict()
    )
    assert attune("agreement", recorded[0], "--from", "soon").exit_code == 1


def test_a_share_is_what_the_frame_has() -> None:
    report: AgreementReport = build_agreement_report(simulate_offers(1))
    row = report.to_frame().iloc[0]
    share = report.first_place
    assert isinstance(share, OfferShare)
    assert (row["count"], row["of"], row["rate"], row["low"]) == (share.count, share.of, share.rate, share.low)
