"""`attune simulate`: named worlds, worlds of one's own, items, the report."""

import json
import tomllib
from pathlib import Path

import pandas as pd
import pytest

from attune_fit.data.synthetic.named_worlds import WORLDS
from tests.conftest import Attune

SMALL = ("--clients", 40, "--therapists", 6)


def test_the_named_worlds_are_listed_without_making_anything(attune: Attune) -> None:
    done = attune("simulate", "--worlds")
    assert done.exit_code == 0
    assert not [name for name in WORLDS if name not in done.output]


def test_a_named_world_has_its_own_size_and_keeps_what_it_was_drawn_from(attune: Attune, tmp_path: Path) -> None:
    made = json.loads(attune("simulate", tmp_path / "a", "--world", "tiny", "--json").stdout)
    assert (made["world"], made["clients"], made["therapists"]) == ("tiny", 40, 5)
    world = tomllib.loads(Path(made["truth"], "world.toml").read_text())
    assert world["course"]["unreturned"] == 0.4
    assert world["effects"]["effect_spread"] == 0.0, "the effects of this clinic are drawn, and stated"


def test_a_world_can_be_taken_from_a_clinic_changed_and_used_again(attune: Attune, tmp_path: Path) -> None:
    attune("simulate", tmp_path / "a", *SMALL)
    own = tmp_path / "own.toml"
    own.write_text((tmp_path / "a" / "truth" / "world.toml").read_text().replace("sessions = 3", "sessions = 5"))
    attune("simulate", tmp_path / "b", *SMALL, "--world", own)
    assert pd.read_csv(tmp_path / "b" / "outcomes.csv")["session"].max() == 5


def test_every_fault_of_a_world_file_is_listed_and_nothing_is_made(attune: Attune, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text("[shares]\nfit = 7\nlevel = 3\n[frm]\nspread = 1\n")
    output = attune.fails("simulate", tmp_path / "a", "--world", own)
    assert "should be less than or equal to 1" in output
    assert "Put it under [form]." in output
    assert "Did you mean `form`?" in output
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("--world", "nul"), 1, "Did you mean `null`?"),
        (("--therapist-share", 0.5, "--fit-share", 0.5), 2, "add up to more than 1"),
        (("--world", "sites", "--therapists", 2), 2, "4 sites need at least as many therapists"),
        (("--mix", "styl"), 2, "'styl' is not one of"),
        (("--world", "null", "--fit-share", 0.1), 2, "no feature carries fit in this world"),
        (("--world", "tiny", "--clients", 9, "--report"), 2, "needs at least 30 clients and 3 therapists"),
    ],
)
def test_what_cannot_be_a_clinic_is_refused_in_words(
    attune: Attune, tmp_path: Path, words: tuple[object, ...], code: int, message: str
) -> None:
    assert message in attune.fails("simulate", tmp_path / "a", *words, code=code)
    assert not (tmp_path / "a").exists()


def test_a_larger_fit_makes_room_for_itself(attune: Attune, tmp_path: Path) -> None:
    attune("simulate", tmp_path / "a", *SMALL, "--fit-share", 0.45, "--mix", "style")
    shares = tomllib.loads((tmp_path / "a" / "truth" / "world.toml").read_text())["shares"]
    assert shares["fit"] == shares["dyad"] == 0.45


def test_items_are_kept_when_asked_for_and_read_as_columns_of_the_clinics_own(attune: Attune, tmp_path: Path) -> None:
    attune("simulate", tmp_path / "a", *SMALL, "--items")
    forms = pd.read_csv(tmp_path / "a" / "outcomes.csv")
    items = forms[[f"item_{number}" for number in range(1, 13)]]
    assert (items.mean(axis=1) - forms["score"]).abs().max() <= 0.005
    assert json.loads(attune("check", tmp_path / "a", "--json").stdout)["stops"] == 0


def test_the_report_compares_with_what_is_published_and_leaves_a_page(attune: Attune, tmp_path: Path) -> None:
    report = json.loads(attune("simulate", tmp_path / "a", *SMALL, "--report", "--json").stdout)["calibration"]
    assert len(report) >= 30
    assert all({"published", "simulated", "simulated_interval", "this_clinic", "verdict"} <= set(row) for row in report)
    assert (tmp_path / "a" / "truth" / "calibration.html").stat().st_size > 50_000
    shown = attune("simulate", tmp_path / "b", *SMALL, "--report").output
    assert not [row["statistic"] for row in report if row["statistic"] not in shown]
    assert "clinics of this world and size" in " ".join(shown.split())
