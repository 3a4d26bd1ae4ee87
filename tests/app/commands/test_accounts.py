"""`attune accounts` and `attune serve`: what an administrator does without the pages."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.conftest import Attune

LINK = re.compile(r"https://desk\.example/set-up\?link=([\w-]{43})")


def test_the_commands_show_what_the_verbs_return(attune: Attune, clinic: Path) -> None:
    from attune_fit.workspace import open_clinic

    assert "No account yet" in attune("accounts", clinic).output
    added = attune("accounts", clinic, "add", "Ana", "--role", "coordinator", "--address", "https://desk.example/")
    assert LINK.search(added.output)
    assert "link not used yet" in attune("accounts", clinic).output
    listed = json.loads(attune("accounts", clinic, "list", "--json").output)
    assert listed == open_clinic(clinic).accounts().to_dict()
    assert (listed[0]["name"], listed[0]["role"], listed[0]["has_password"]) == ("ana", "coordinator", False)
    assert "password_hash" not in listed[0]


def test_an_account_is_disabled_enabled_and_reset(attune: Attune, clinic: Path) -> None:
    attune("accounts", clinic, "add", "ana", "--role", "coordinator")
    assert "is disabled" in attune("accounts", clinic, "disable", "ana").output
    assert "disabled" in attune("accounts", "list", clinic).output
    assert "can sign in again" in attune("accounts", clinic, "enable", "ana").output
    assert LINK.search(attune("accounts", clinic, "reset", "ana", "--address", "https://desk.example").output)
    assert "0 sessions of ana ended" in attune("accounts", clinic, "revoke", "ANA").output


def test_sessions_and_the_audit_are_listed(attune: Attune, clinic: Path) -> None:
    from attune_fit.app.desk.security.desk_accounts import open_desk_accounts
    from attune_fit.workspace import open_clinic

    assert "No session is open" in attune("accounts", clinic, "sessions").output
    assert "No page was opened yet" in attune("accounts", clinic, "audit").output
    link = LINK.search(attune("accounts", clinic, "set-up", "--address", "https://desk.example").output)
    assert link
    desk = open_desk_accounts(open_clinic(clinic).clinic)
    desk.set_up(link[1], "kim", "correct horse battery", "correct horse battery", "10.0.0.7", None)
    assert "An account has a password already" in attune("accounts", clinic, "set-up").output
    listed = attune("accounts", clinic, "sessions", "kim").output
    assert "10.0.0.7" in listed
    assert "/set-up" in attune("accounts", clinic, "audit").output
    (session,) = json.loads(attune("accounts", clinic, "sessions", "--json").output)
    assert (
        "1 session of kim ended" in attune("accounts", clinic, "revoke", "kim", "--session", session["session"]).output
    )
    assert "No session is open" in attune("accounts", clinic, "sessions").output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("add", "ana", "--role", "clinician"), "Name the therapist whose clients the account can see"),
        (("add", "ana", "--role", "clinician", "--therapist", "t999"), "no such therapist is on the roster"),
        (("add", "ana", "--role", "owner"), "Choose coordinator, clinician or admin"),
        (("add", "a b", "--role", "admin"), "without spaces"),
        (("disable", "ana"), "there is no such account"),
        (("reset", "ana"), "there is no such account"),
    ],
)
def test_refused_commands(attune: Attune, clinic: Path, words: tuple[str, ...], message: str) -> None:
    assert message in attune.fails("accounts", clinic, *words)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--host", "0.0.0.0"), "could read what is sent without TLS"),  # noqa: S104
        (("--certificate", "server.pem"), "Give both `--certificate FILE` and `--key FILE`"),
        (("--host", "192.0.2.1", "--certificate", "absent.pem", "--key", "absent.pem"), "cannot be read"),
    ],
)
def test_a_desk_that_would_be_open_to_others_does_not_start(
    attune: Attune, clinic: Path, words: tuple[str, ...], message: str
) -> None:
    assert message in attune.fails("serve", clinic, *words)


def test_serve_names_every_error_of_the_clinic(attune: Attune, clinic: Path) -> None:
    (clinic / "clients.csv").write_text("nothing,known\n1,2\n")
    assert "clients" in attune.fails("serve", clinic)
