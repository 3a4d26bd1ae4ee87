"""After any sequence of changes, an open clinic answers as one that is opened now (Hypothesis)."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

import attune_fit as af
from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.journal.journal_access import open_journal
from tests.attune_fit.changing_clinic import ChangingClinic, find_pointer, make_changing_clinic, show
from tests.data.conftest import CLIENTS, OUTCOMES, PREFERENCES, THERAPISTS

VERSIONS = {  # of each file, without a fault and with one
    "clients.csv": (CLIENTS, CLIENTS + "dan,40,man,no,9,2026-06-01\n", CLIENTS.replace("ann,34", "ann,35"), "age\n1\n"),
    "therapists.csv": (THERAPISTS, THERAPISTS.replace("english,0", "english,3"), THERAPISTS.split("una")[0]),
    "preferences.csv": (PREFERENCES, PREFERENCES + "cat,gender,man,must\n", PREFERENCES.replace("must", "shall")),
    "outcomes.csv": (OUTCOMES, OUTCOMES.replace("4.25", "1.25"), OUTCOMES.split("ben")[0], "client_id\nann\n"),
    "conflicts.csv": (
        "client_id,therapist_id\n",
        "client_id,therapist_id\ncat,tom\n",
        "client_id,therapist_id\ncat,zoe\n",
    ),
    "readme.txt": ("not a table", "nothing else"),
}
SETTINGS = ("", "\n[settings]\nseed = 7\n", "\n[rules.open_slots]\non = false\n", "\n[settings]\nsede = 7\n")
DAYS = ("2026-06-15", "2026-06-25")


class OpenClinic(RuleBasedStateMachine):
    """A clinic that stays open while its folder changes."""

    @initialize()
    def start(self) -> None:
        """Make the folder, and open it in two sessions."""
        self.place = Path(tempfile.mkdtemp())
        self.clinic: ChangingClinic = make_changing_clinic(self.place / "clinic")
        self.toml = (self.clinic.folder / "clinic.toml").read_text()
        self.workspace, self.other = self.clinic.open(), self.clinic.open()
        self.models = ["day0"]

    def teardown(self) -> None:
        """Delete the folder."""
        shutil.rmtree(self.place, ignore_errors=True)

    @rule(data=st.data(), name=st.sampled_from(sorted(VERSIONS)))
    def write(self, data: st.DataObject, name: str) -> None:
        """Write a version of a file."""
        self.clinic.put(name, data.draw(st.sampled_from(VERSIONS[name])))

    @rule(name=st.sampled_from(sorted(VERSIONS)))
    def delete(self, name: str) -> None:
        """Delete a file."""
        (self.clinic.folder / name).unlink(missing_ok=True)

    @rule(name=st.sampled_from(sorted(VERSIONS)))
    def cut(self, name: str) -> None:
        """Leave the first half of a file, as a program does that is still writing."""
        path = self.clinic.folder / name
        if path.exists():
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    @rule(setting=st.sampled_from(SETTINGS), day=st.sampled_from(DAYS))
    def configure(self, setting: str, day: str) -> None:
        """Write another clinic.toml."""
        self.clinic.put("clinic.toml", self.toml.replace(DAYS[0], day) + setting)

    @rule(by_other=st.booleans(), event=st.sampled_from(("offered", "declined", "client_added", "opening_set")))
    def record(self, by_other: bool, event: str) -> None:
        """Record an event in one of the sessions; it can be refused."""
        values: dict[str, dict[str, Any]] = {
            "offered": {"client": "cat", "therapist": "tom"},
            "declined": {"client": "cat", "therapist": "tom", "by": "client", "reason": "no-answer"},
            "client_added": {"client": "eve", "cells": {"age": 30}},
            "opening_set": {"therapist": "una", "openings": 1},
        }
        with suppress(af.DataFault):
            (self.other if by_other else self.workspace).record(event, actor="kim", **values[event])

    @rule()
    def take_back(self) -> None:
        """Take the last event back, in the other session."""
        with suppress(af.DataFault):
            self.other.record("undone", number=self.other.count_events(), because="wrong-entry", actor="kim")

    @rule()
    def forget(self) -> None:
        """Delete a person from the journal, by another program."""
        with suppress(af.DataFault):
            open_journal(Clinic.open(self.clinic.folder)).forget("client", "eve")

    @rule(n_outcomes=st.sampled_from((40, 50)))
    def train(self, n_outcomes: int) -> None:
        """Save a bundle and make it active."""
        with suppress(af.DataFault):
            self.models.append(self.clinic.save_bundle(n_outcomes))
            self.clinic.activate(self.models[-1])

    @rule()
    def damage(self) -> None:
        """Damage the last bundle, whether it is active or not."""
        with suppress(af.DataFault, OSError):
            self.clinic.damage_bundle(self.models[-1])

    @precondition(lambda self: len(self.models) > 1)
    @rule()
    def roll_back(self) -> None:
        """Return to the starting model."""
        with suppress(af.DataFault):
            find_pointer(self.clinic).unlink(missing_ok=True)

    @invariant()
    def answers_as_a_clinic_that_is_opened_now(self) -> None:
        """Both sessions answer alike, with the same faults."""
        now = show(af.Workspace(self.clinic.folder))
        assert show(self.workspace) == now
        assert show(self.other) == now


TestOpenClinic = OpenClinic.TestCase
TestOpenClinic.settings = settings(
    max_examples=8, stateful_step_count=8, deadline=None, suppress_health_check=list(HealthCheck)
)
