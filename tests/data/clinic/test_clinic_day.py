"""The day of the tables, and the names of time zones."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path

import pytest

from attune_fit.data.clinic import clinic_day
from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.clinic_day import find_current_day, find_today
from attune_fit.data.clinic.settings import ClinicSettings, Config
from attune_fit.data.faults import DataFault

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)


def config(**settings: object) -> Config:
    return Config(clinic=ClinicSettings.model_validate(settings))


@pytest.mark.parametrize(
    ("zone", "midnight"),  # the hour in UTC at which the second day of March begins
    [("UTC", 24), ("Pacific/Kiritimati", 10), ("Pacific/Pago_Pago", 35), ("Europe/Berlin", 23)],
)
def test_the_day_begins_at_midnight_of_the_clinic(zone: str, midnight: int) -> None:
    start = NOON + dt.timedelta(hours=midnight - 12)
    assert find_today(config(time_zone=zone), start - SECOND) == dt.date(2026, 3, 1)
    assert find_today(config(time_zone=zone), start) == dt.date(2026, 3, 2)


def test_without_a_time_zone_the_day_is_that_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for zone, day in (("Pacific/Kiritimati", 2), ("Pacific/Pago_Pago", 1)):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        assert find_today(config(), NOON).day == day
    monkeypatch.undo()
    time.tzset()


def test_the_day_is_today_unless_the_settings_name_one() -> None:
    before = dt.datetime.now(dt.UTC).date()
    assert before <= find_today(config(time_zone="UTC")) <= dt.datetime.now(dt.UTC).date()
    frozen = config(as_of=dt.date(2020, 2, 29), time_zone="UTC")
    assert find_today(frozen, NOON) == dt.date(2020, 2, 29)
    assert find_current_day(frozen, NOON) == dt.date(2026, 3, 1)


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("Europe/Berln", "did you mean `Europe/Berlin`?"),
        ("Europe", "write one such as `Europe/Berlin`"),  # a folder of the database
        ("../../etc/passwd", "write one such as `Europe/Berlin`"),
        ("/etc/localtime", "write one such as `Europe/Berlin`"),
        ("x" * 10_000, "write one such as `Europe/Berlin`"),
        ("Berlin\\u0000", "did you mean `Europe/Berlin`?"),
        ("new york", "did you mean `America/New_York`?"),
        ("summer time", "write one such as `Europe/Berlin`"),
    ],
)
def test_an_unknown_time_zone_is_an_error_of_the_settings(tmp_path: Path, name: str, advice: str) -> None:
    (tmp_path / "clinic.toml").write_text(f'[clinic]\ntime_zone = "{name}"\n')
    with pytest.raises(DataFault) as caught:
        Clinic.open(tmp_path)
    (fault,) = caught.value.faults
    assert (fault.id, fault.column) == ("key-not-valid", "clinic.time_zone")
    assert fault.says.endswith(advice)


def test_a_machine_without_time_zones_is_named_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clinic_day, "ZoneInfo", lambda name: {}[name])
    monkeypatch.setattr(clinic_day, "available_timezones", set)
    (tmp_path / "clinic.toml").write_text('[clinic]\ntime_zone = "Europe/Berlin"\n')
    with pytest.raises(DataFault, match="pip install tzdata"):
        Clinic.open(tmp_path)
