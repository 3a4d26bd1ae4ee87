"""A small clinic that changes while it is open, and what an open clinic shows of it."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import attune_fit as af
from attune_fit.data.clinic.clinic import Clinic
from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.models import model_bundle
from attune_fit.models.active_pointer import build_bundle_path, build_pointer_path, set_active_bundle
from attune_fit.models.alliance_model import AllianceModel
from tests.data.conftest import CLIENTS, PREFERENCES, THERAPISTS, ClinicFolder

JOINED = '\n[tables.therapists.columns.languages]\nfile = "spoken.csv"\nkey = "id"\nfrom = "language"\n'
SPOKEN = "id,language\ntom,english\ntom,spanish\nuna,english\n"


class ChangingClinic(ClinicFolder):
    """A clinic folder in which a test changes one thing at a time."""

    def open(self) -> af.Workspace:
        """Open the clinic and rank once, so that every part of it was read."""
        workspace = af.open_clinic(self.folder)
        workspace.rank("ann")
        return workspace

    def rewrite_unseen(self, name: str, old: str, new: str) -> None:
        """Replace text by text of the same length, and set the time of the file back."""
        before = (self.folder / name).stat()
        assert len(old) == len(new)
        self.change(name, old, new)
        os.utime(self.folder / name, ns=(before.st_atime_ns, before.st_mtime_ns))

    def touch(self, name: str) -> None:
        """Write the same content again."""
        self.put(name, (self.folder / name).read_bytes())

    def record(self, event: str = "offered", **values: Any) -> None:
        """Record an event in another session."""
        given = values or {"client": "cat", "therapist": "tom", "until": dt.date(2026, 6, 20)}
        af.open_clinic(self.folder).record(event, actor="kim", on=dt.date(2026, 6, 15), **given)

    def save_bundle(self, n_outcomes: int = 40) -> str:
        """Save a model of the clinic that is not active yet, and return its name."""
        model = replace(AllianceModel.from_published(FEATURES), n_outcomes=n_outcomes, data_digest="d" * 64)
        name = model_bundle.compute_bundle_name(model)
        model_bundle.save(model, build_bundle_path(Clinic.open(self.folder), name))
        return name

    def activate(self, name: str) -> None:
        """Make a bundle active, as another session does."""
        set_active_bundle(Clinic.open(self.folder), name)

    def damage_bundle(self, name: str) -> None:
        """Change one number in the file of a model."""
        path = build_bundle_path(Clinic.open(self.folder), name) / model_bundle.MODEL_FILE
        path.write_text(path.read_text().replace("40", "41"))


def show(workspace: af.Workspace) -> dict[str, Any] | list[str]:
    """Return all that an open clinic answers: rankings for all clients with their reasons, or its faults."""
    try:
        rankings = workspace.rank_waiting(everyone=True)
        listed = workspace.journal().to_dict()
    except af.DataFault as error:
        return [str(fault) for fault in error.faults]
    tables, model = workspace.tables, workspace.model
    return {
        "rankings": rankings.to_dict(),
        "notes": [note.replace(str(workspace.folder), "") for note in (*rankings.notes, *rankings.set_aside)],
        "instruments": sorted(workspace.clinic.instruments),
        "waiting": workspace.list_client_ids(waiting_only=True),
        "tables": tables.digest(),
        "warnings": [str(fault) for fault in tables.warnings],
        "files": tables.files,
        "events": listed,
        "last_event": tables.last_event,
        "model": (model.bundle, model.n_outcomes, repr(model.features), model.width),
    }


# What can change in a folder that `clinic_folder` made, with what the open clinic then finds changed.
TABLES, CLINIC, EVENTS, MODEL = "exported_tables", "clinic", "journal_events", "model"
Change = tuple[Callable[[ChangingClinic], object], tuple[str, ...]]
CHANGES: dict[str, Change] = {
    "a client's cell": (lambda one: one.change("clients.csv", "ann,34", "ann,35"), (TABLES,)),
    "a cell, unseen by size and time": (lambda one: one.rewrite_unseen("clients.csv", "ann,34", "ann,35"), (TABLES,)),
    "a client more": (lambda one: one.put("clients.csv", CLIENTS + "dan,40,man,no,9,2026-06-01\n"), (TABLES,)),
    "a therapist's cell": (lambda one: one.change("therapists.csv", "english,0", "english,3"), (TABLES,)),
    "a therapist less": (lambda one: one.put("therapists.csv", THERAPISTS.split("una")[0]), (TABLES,)),
    "a wish": (lambda one: one.change("preferences.csv", "woman,must", "man,must"), (TABLES,)),
    "a rating": (lambda one: one.change("outcomes.csv", "4.25", "1.25"), (TABLES,)),
    "a conflict in a new file": (lambda one: one.put("conflicts.csv", "client_id,therapist_id\ncat,tom\n"),
                                 (CLINIC, TABLES)),
    "a table that is gone": (lambda one: one.drop("preferences.csv"), (CLINIC, TABLES)),
    "a table under two names": (lambda one: one.put("clients.tsv", CLIENTS.replace(",", "\t")), (CLINIC, TABLES)),
    "a joined file": (lambda one: one.change("spoken.csv", "spanish", "german"), (TABLES,)),
    "a setting": (lambda one: one.add("\n[settings]\nseed = 7\n"), (CLINIC, TABLES)),
    "a rule that is off": (lambda one: one.add("\n[rules.open_slots]\non = false\n"), (CLINIC, TABLES)),
    "an instrument": (lambda one: one.add('\n[[instruments]]\nname = "Own"\nlow = 1\nhigh = 9\n'), (CLINIC, TABLES)),
    "another file for a table": (
        lambda one: (one.put("roster.csv", THERAPISTS.replace("english,0", "english,5")),
                     one.add('\n[tables.therapists]\nfile = "roster.csv"\n')), (CLINIC, TABLES)),
    "a day": (lambda one: one.change("clinic.toml", "06-15", "06-25"), (CLINIC, TABLES)),
    "an event": (lambda one: one.record(), (EVENTS,)),
    "a client of the journal": (
        lambda one: one.record("client_added", client="eve", cells={"age": 30, "gender": "woman"}), (EVENTS,)),
    "another live model": (lambda one: one.activate(one.save_bundle()), (MODEL,)),
    "a wish of another client": (lambda one: one.put("preferences.csv", PREFERENCES + "cat,gender,man,must\n"),
                                 (TABLES,)),
}  # fmt: skip


def make_changing_clinic(folder: Path) -> ChangingClinic:
    """Make a clinic of three clients and two therapists, whose languages are in a file of their own."""
    folder.mkdir()
    clinic = ChangingClinic(folder)
    clinic.put("spoken.csv", SPOKEN)
    clinic.add(JOINED)
    return clinic


def find_pointer(clinic: ChangingClinic) -> Path:
    """Return the path of the pointer to the live model."""
    return build_pointer_path(Clinic.open(clinic.folder))
